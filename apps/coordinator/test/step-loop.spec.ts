import { MemoryLedger } from '../src/settlement/in-memory/memory-ledger.js';
import { describeWalks } from './walks.js';
import type { LedgerUnderWalk } from './world.js';

describeWalks('the ledger in memory', async () => inMemory());

function inMemory(): LedgerUnderWalk {
  const ledger = new MemoryLedger(() => Date.now());
  const found = (run: Parameters<LedgerUnderWalk['find']>[0]) => {
    const at = ledger.find(run);
    if (at === undefined) throw new Error('no such run');
    return at;
  };
  return {
    ...{ views: ledger, openings: ledger, ledger },
    addDistrict: async (districtId) => ledger.addDistrict(districtId),
    suspend: async (districtId) => {
      const district = ledger.districts.get(districtId);
      if (district !== undefined) district.suspended = 'gone from Discovery';
    },
    want: (wish) => ledger.want(wish),
    wish: async (districtId) => ledger.wishes.get(districtId) ?? null,
    record: (reports, at) => ledger.record(reports, at),
    claim: async (owner) => ledger.claim(owner, 15_000),
    finish: async (run, proof) => ledger.finish(run, { reading: { proof, unreadable: {}, notGranted: [] } }),
    fail: async (run, failure, retry) => ledger.finish(run, { failure, retry }),
    loseFetcherLease: async () => {
      const reading = ledger.runs.find(({ state }) => state === 'reading');
      if (reading !== undefined) reading.leaseUntil = 0;
    },
    loseCoordinatorLease: async () => ledger.loseLease(),
    approve: (run, digest, at) => ledger.approve(run, digest, 'principal', 'the school has closed', at),
    reject: (run, digest, at) => ledger.reject(run, digest, 'principal', 'a broken export', at),
    find: async (run) => {
      const { state, reason, plan, persisted } = found(run);
      return { state, reason, digest: plan?.digest ?? null, persisted };
    },
  };
}
