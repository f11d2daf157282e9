import { afterAll, beforeAll } from '@jest/globals';
import { ScratchLedger } from '../../../libs/ledger/test/scratch-ledger.js';
import type { RunKey, RunState } from '#contracts';
import {
  ConfirmingLedger,
  DistrictLedger,
  LedgerViews,
  OpeningLedger,
  ReadingLedger,
  ReportLedger,
  SettlementLedger,
  type ListedDistrict,
} from '#ledger';
import { describeLedger } from './contract/contract.js';
import {
  AT,
  DIGEST,
  DISTRICT,
  PLAN,
  type LedgerUnderContract,
  type RunChanges,
  type StoredWish,
} from './contract/ledger-under-contract.js';

const scratch = new ScratchLedger('contract');
const { connection } = scratch;

beforeAll(() => connection.migrate());
afterAll(() => scratch.drop());

describeLedger('in Postgres', async () => {
  await scratch.empty();
  return inPostgres();
});

function inPostgres(): LedgerUnderContract {
  const districts = new DistrictLedger(connection);
  const listed = new Map<string, ListedDistrict>();
  const note = async (districtId: string, suspended: string | null): Promise<void> => {
    listed.set(districtId, { districtId, name: districtId, readyStamp: null, suspended });
    await districts.note([...listed.values()]);
  };
  return {
    views: new LedgerViews(connection),
    openings: new OpeningLedger(connection),
    settlement: new SettlementLedger(connection),
    reports: new ReportLedger(connection),
    reading: new ReadingLedger(connection),
    confirming: new ConfirmingLedger(connection),
    // What is told of the district itself is none of the contract's runs.
    addDistrict: async (districtId) => {
      await note(districtId, null);
      await statement('delete from ledger.lifecycle_events', []);
    },
    suspend: note,
    suspendAlone: (id) =>
      statement(`update ledger.districts set state = 'suspended' where district_id = $1`, [id]),
    configure: async (settings) => void (await districts.configure(DISTRICT, settings)),
    setLastGeneration: (last) => statement('update ledger.districts set last_generation = $1', [last]),
    put,
    putRefresh: (type, asks) =>
      statement(
        `insert into ledger.refreshes (district_id, entity_type, asks, asked_at) values ($1, $2, $3, now())`,
        [DISTRICT, type, asks],
      ),
    refreshes: async () => {
      const found = await rows<{ type: string; asks: number }>(
        'select entity_type as type, asks from ledger.refreshes',
      );
      return Object.fromEntries(found.map(({ type, asks }) => [type, asks]));
    },
    expireCoordinatorLease: () => statement('update ledger.leases set until = now()'),
    dump: async (run) => (await one<{ text: string }>('runs::text as text', run)).text,
    find: (run) =>
      one(
        `state, reason, hold, ledger.ms(marker_at) as "markerAt", ledger.ms(retry_at) as "retryAt", epochs,
         persisted_at is not null as persisted, refresh, read_failure as "readFailure",
         confirmation`,
        run,
      ),
    wishes: () =>
      rows<StoredWish>(
        `select district_id as "districtId", cause, dry_run as "dryRun", retries, attempt, failures, nonce, trouble,
                ledger.ms(due_at) as "dueAt", ledger.ms(asked_again_at) as "askedAgainAt" from ledger.wishes`,
      ),
    moments: async () => {
      const found = await rows<{ moment: string }>(
        `select moment from ledger.lifecycle_events
          where published_at is null and moment not in ('active', 'suspended', 'late') order by id`,
      );
      return found.map(({ moment }) => moment);
    },
  };
}

async function put(generation: number, state: RunState, changes: RunChanges = {}): Promise<RunKey> {
  const { districtId = DISTRICT, hold = null, dryRun = false, digest = DIGEST, refreshAsks = {} } = changes;
  const { leaseLeftMs, markerAt = null, stateAt = AT, openedAt = AT } = changes;
  await statement(
    `insert into ledger.runs (district_id, generation, state, cause, attempt, failures, retries, dry_run, epochs,
       refresh, refresh_asks, hold, plan_digest, opened_at, state_at, marker_at, lease_owner, lease_until,
       read_failure, reading, confirmation, plan)
     values ($1, $2, $3, 'asked', 1, 0, 'scheduled', $4, '{"0": 2, "1": 2}', $5, $6, $7, $8,
       ledger.at($9::float8), ledger.at($10::float8), ledger.at($11::float8), $12,
       now() + $13::float8 * interval '1 millisecond', $14, $15, $16, $17)`,
    [
      ...[districtId, generation, state, dryRun, Object.keys(refreshAsks), refreshAsks, hold, digest],
      ...[openedAt, stateAt, markerAt, changes.leaseOwner ?? null, leaseLeftMs ?? null],
      ...[changes.readFailure ?? null, changes.reading ?? null, changes.confirmation ?? null],
      { verbs: {}, absent: PLAN.absent },
    ],
  );
  return { districtId, generation };
}

async function statement(text: string, values: readonly unknown[] = []): Promise<void> {
  await connection.query(text, values);
}

async function rows<R extends object>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
  return (await connection.query<R & Record<string, unknown>>(text, values)).rows;
}

async function one<R extends object>(columns: string, run: RunKey): Promise<R> {
  const [row] = await rows<R>(
    `select ${columns} from ledger.runs where district_id = $1 and generation = $2`,
    [run.districtId, run.generation],
  );
  if (row === undefined) throw new Error('no such run');
  return row;
}
