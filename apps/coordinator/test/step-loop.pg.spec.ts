import { afterAll, beforeAll } from '@jest/globals';
import { ScratchLedger } from '../../../libs/ledger/test/scratch-ledger.js';
import {
  ConfirmingLedger,
  ConsoleLedger,
  DistrictLedger,
  LedgerViews,
  OpeningLedger,
  ReadingLedger,
  ReportLedger,
  SettlementLedger,
  type ListedDistrict,
} from '#ledger';
import type { Wish } from '../src/settlement/runs.js';
import { describeWalks } from './walks/walks.js';
import type { LedgerUnderWalk } from './walks/ledger-under-walk.js';

const NO_FINDINGS = {
  ...{ rows: {}, unreadable: {}, quarantined: {}, notGranted: [], references: {}, quirks: [], known: {} },
};
const scratch = new ScratchLedger('walks');
const { connection } = scratch;

beforeAll(() => connection.migrate());
afterAll(() => scratch.drop());

describeWalks('the ledger in Postgres', async () => {
  await scratch.empty();
  return inPostgres();
});

function inPostgres(): LedgerUnderWalk {
  const openings = new OpeningLedger(connection);
  const ledger = new SettlementLedger(connection);
  const views = new LedgerViews(connection);
  const districts = new DistrictLedger(connection);
  const reading = new ReadingLedger(connection);
  const confirming = new ConfirmingLedger(connection);
  const reports = new ReportLedger(connection);
  const shown = new ConsoleLedger(connection);
  const listed = new Map<string, ListedDistrict>();
  const note = async (districtId: string, suspended: string | null): Promise<void> => {
    listed.set(districtId, { districtId, name: districtId, readyStamp: null, suspended });
    await districts.note([...listed.values()]);
  };
  return {
    ...{ views, openings, ledger },
    addDistrict: (districtId) => note(districtId, null),
    suspend: (districtId) => note(districtId, 'gone'),
    configure: async (districtId, settings) => void (await districts.configure(districtId, settings)),
    want: (wish) => openings.want(wish),
    wish: async (districtId) => {
      const { rows } = await connection.query<Pick<Wish, 'attempt' | 'failures' | 'dueAt'>>(
        `select attempt, failures, ledger.ms(due_at) as "dueAt" from ledger.wishes where district_id = $1`,
        [districtId],
      );
      return rows[0] ?? null;
    },
    record: (batch, at) => reports.record(batch, at),
    claim: async (owner) => {
      const run = await reading.claim(owner, 15_000, 10);
      return run && { districtId: run.districtId, generation: run.generation };
    },
    refreshOf: async (run) =>
      (await views.load(0)).runs.find((open) => open.generation === run.generation)?.refresh ?? [],
    finish: (run, proof) => reading.finish(run, 'fetcher', { ...NO_FINDINGS, proof: proof as never }),
    fail: (run, reason, retry) => reading.fail(run, 'fetcher', reason, retry),
    claimToConfirm: (owner) => confirming.claim(owner, 15_000),
    confirm: (run, owner, found) => confirming.finish(run, owner, found),
    refuseToConfirm: (run, owner, reason) => confirming.fail(run, owner, reason, 'none'),
    loseFetcherLease: async () => {
      await connection.query(
        `update ledger.runs set lease_until = now() where state in ('reading', 'confirming')`,
      );
    },
    loseCoordinatorLease: async () => {
      await connection.query(`update ledger.leases set until = now()`);
    },
    approve: (run, digest, at) => ledger.approve(run, digest, 'principal', 'the school has closed', at),
    reject: (run, digest, at) => ledger.reject(run, digest, 'principal', 'a broken export', at),
    find: async (run) => {
      const detail = await shown.run(run);
      if (detail === null) throw new Error('no such run');
      const { state, why, digest, persisted } = detail;
      return { state, reason: why, digest, persisted };
    },
  };
}
