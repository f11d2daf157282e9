import pg from 'pg';

const WAIT_FOR_LOCK = '10s';
const LOCK_NOT_AVAILABLE = '55P03';
/** A server or network that says nothing for so long is taken for gone. */
const ANSWERS_WITHIN_MS = 30_000;

/** A run of the district is under way: what is removed now could come back behind the tombstone. */
export class DistrictBusyError extends Error {}

/** The connection that held the district still is gone: a run may be under way, so nothing more is removed. */
export class QuietLostError extends Error {}

/** The district while nothing of it moves. */
export interface QuietDistrict {
  readonly districtId: string;
  /** As the ledger has it; null if it does not know the district. */
  readonly state: 'active' | 'suspended' | null;
  readonly reason: string | null;
  /** Of its last completed run: what its watermarks are of. */
  readonly completed: { readonly generation: number; readonly time: string } | null;
  /** To be asked before anything is removed; throws QuietLostError. */
  readonly confirmQuiet: () => Promise<void>;
}

type Known = Omit<QuietDistrict, 'confirmQuiet'>;

const LOCK = 'select state, reason from ledger.districts where district_id = $1 for update';
const OPEN = `select generation from ledger.runs where district_id = $1
  and state not in ('completed', 'rejected', 'superseded', 'expired', 'aborted')`;
const COMPLETED = `select generation, opened_at from ledger.runs where district_id = $1 and state = 'completed'
  order by generation desc limit 1`;

/**
 * Does something while no run of the district is open and none can be opened. Without a ledger nothing is opened. Who
 * writes to the district's row of the ledger waits meanwhile: what takes long is done before.
 */
export async function whileQuiet<T>(
  url: string,
  districtId: string,
  act: (district: QuietDistrict) => Promise<T>,
  waitForLock = WAIT_FOR_LOCK,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, keepAlive: true, query_timeout: ANSWERS_WITHIN_MS });
  // Between statements a connection is lost without a word; the next statement then fails.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The lock is to be kept for as long as the act takes, though nothing is asked meanwhile.
    await client.query(
      `begin; set local lock_timeout = '${waitForLock}'; set local datestyle to 'ISO, MDY';
       set local idle_in_transaction_session_timeout = 0`,
    );
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regclass('ledger.runs') is not null as there`,
    );
    const unknown = { districtId, state: null, reason: null, completed: null };
    const known = rows[0]?.there === true ? await lockDistrict(client, districtId) : unknown;
    const confirmQuiet = (): Promise<void> => confirm(client, districtId);
    const result = await act({ ...known, confirmQuiet });
    await confirmQuiet();
    await client.query('commit');
    return result;
  } finally {
    await client.end();
  }
}

async function confirm(client: pg.Client, districtId: string): Promise<void> {
  try {
    await client.query('select 1');
  } catch (cause) {
    const lost = `${districtId}: the connection that kept its runs from being opened was lost`;
    throw new QuietLostError(lost, { cause });
  }
}

async function lockDistrict(client: pg.Client, districtId: string): Promise<Known> {
  const known = await takeLock(client, districtId);
  const { rows: open } = await client.query<{ generation: string }>(OPEN, [districtId]);
  if (open[0] !== undefined)
    throw new DistrictBusyError(`${districtId}: run ${open[0].generation} is not closed`);
  const { rows } = await client.query<{ generation: string; opened_at: Date }>(COMPLETED, [districtId]);
  const last = rows[0];
  const completed =
    last === undefined ? null : { generation: Number(last.generation), time: last.opened_at.toISOString() };
  return { districtId, state: known[0]?.state ?? null, reason: known[0]?.reason ?? null, completed };
}

type State = Pick<QuietDistrict, 'state' | 'reason'>;

async function takeLock(client: pg.Client, districtId: string): Promise<readonly State[]> {
  try {
    return (await client.query<State>(LOCK, [districtId])).rows;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
    throw new DistrictBusyError(`${districtId}: somebody else holds its row of the ledger`, { cause: error });
  }
}
