import type { EntityType, RunKey, RunState } from '#contracts';
import { MemoryLedger } from '../src/settlement/in-memory/memory-ledger.js';
import type { MemoryRun } from '../src/settlement/in-memory/memory-run.js';
import { describeLedger } from './contract/contract.js';
import {
  AT,
  DIGEST,
  DISTRICT,
  PLAN,
  type LedgerUnderContract,
  type RunChanges,
} from './contract/ledger-under-contract.js';

describeLedger('in memory', async () => inMemory());

function inMemory(): LedgerUnderContract {
  const ledger = new MemoryLedger(() => Date.now());
  const { state, views, openings, settlement, reports, reading, confirming } = ledger;
  const found = (run: RunKey): MemoryRun => {
    const at = state.find(run);
    if (at === undefined) throw new Error('no such run');
    return at;
  };
  return {
    ...{ views, openings, settlement, reports, reading, confirming },
    addDistrict: async (districtId) => ledger.addDistrict(districtId),
    suspend: async (districtId, reason) => ledger.suspend(districtId, reason),
    suspendAlone: async (districtId) => state.changeDistrict(districtId, { suspended: 'gone' }),
    configure: async (settings) => state.changeDistrict(DISTRICT, { settings }),
    setLastGeneration: async (lastGeneration) => state.changeDistrict(DISTRICT, { lastGeneration }),
    put: async (generation, runState, changes = {}) => {
      const run = runWith(generation, runState, changes);
      state.put(run);
      return { districtId: run.districtId, generation };
    },
    putRefresh: async (entityType, asks) => {
      const refreshDue = { ...state.districts.get(DISTRICT)?.refreshDue, [entityType]: asks };
      state.changeDistrict(DISTRICT, { refreshDue });
    },
    refreshes: async () => state.districts.get(DISTRICT)?.refreshDue ?? {},
    expireCoordinatorLease: async () => {
      state.lease = { ...state.lease, until: 0 };
    },
    dump: async (run) => JSON.stringify(found(run)),
    find: async (run) => found(run),
    wishes: async () => [...state.wishes.values()],
    moments: async () => state.events.map(({ moment }) => moment),
  };
}

function runWith(generation: number, state: RunState, changes: RunChanges): MemoryRun {
  const { leaseLeftMs, digest = DIGEST, refreshAsks = {}, ...rest } = changes;
  return {
    ...{ districtId: DISTRICT, generation, state, cause: 'asked', attempt: 1, failures: 0, dryRun: false },
    ...{ retries: 'scheduled', epochs: { 0: 2, 1: 2 }, refresh: Object.keys(refreshAsks) as EntityType[] },
    ...{ refreshAsks, openedAt: AT, stateAt: AT, markerAt: null, reason: null, readFailure: null },
    ...{
      reading: null,
      confirmation: null,
      hold: null,
      plan: { ...PLAN, digest },
      verbs: {},
      findings: [],
      why: null,
    },
    ...{ planned: [], answered: { planned: [], applied: [], swept: [] }, failed: [], leaseOwner: null },
    ...{ leaseUntil: leaseLeftMs === undefined ? 0 : Date.now() + leaseLeftMs, retryAt: null },
    persisted: false,
    ...rest,
  };
}
