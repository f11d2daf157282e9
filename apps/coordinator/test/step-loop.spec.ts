import { MemoryLedger } from '../src/settlement/in-memory/memory-ledger.js';
import { describeWalks } from './walks/walks.js';
import type { LedgerUnderWalk } from './walks/ledger-under-walk.js';

describeWalks('the ledger in memory', async () => inMemory());

function inMemory(): LedgerUnderWalk {
  const ledger = new MemoryLedger(() => Date.now());
  const { state, views, openings, settlement, reports, reading, confirming } = ledger;
  return {
    ...{ views, openings, ledger: settlement },
    addDistrict: async (districtId) => ledger.addDistrict(districtId),
    suspend: async (districtId) => ledger.suspend(districtId, 'gone from Discovery'),
    configure: async (districtId, settings) => state.changeDistrict(districtId, { settings }),
    want: (wish) => openings.want(wish),
    wish: async (districtId) => state.wishes.get(districtId) ?? null,
    record: (sent, at) => reports.record(sent, at),
    claim: async (owner) => {
      const run = await reading.claim(owner, 15_000, 10);
      return run && { districtId: run.districtId, generation: run.generation };
    },
    refreshOf: async (run) => state.find(run)?.refresh ?? [],
    finish: (run, proof) =>
      reading.finish(run, 'fetcher', { proof, unreadable: {}, notGranted: [], references: {} }),
    fail: (run, failure, retry) => reading.fail(run, 'fetcher', failure, retry),
    claimToConfirm: (owner) => confirming.claim(owner, 15_000),
    confirm: (run, owner, found) => confirming.finish(run, owner, found),
    refuseToConfirm: (run, owner, reason) => confirming.fail(run, owner, reason, 'none'),
    loseFetcherLease: async () => {
      for (const run of state.openRuns.values()) state.put({ ...run, leaseUntil: 0 });
    },
    loseCoordinatorLease: async () => {
      state.lease = { ...state.lease, until: 0 };
    },
    approve: (run, digest, at) => settlement.approve(run, digest, 'principal', 'the school has closed', at),
    reject: (run, digest, at) => settlement.reject(run, digest, 'principal', 'a broken export', at),
    find: async (run) => {
      const found = state.find(run);
      if (found === undefined) throw new Error('no such run');
      const { reason, plan, persisted } = found;
      return { state: found.state, reason, digest: plan?.digest ?? null, persisted };
    },
  };
}
