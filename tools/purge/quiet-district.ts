import pg from 'pg';

const WAIT_FOR_LOCK = '10s';

/** A run of the district is under way: what is removed now could come back behind the tombstone. */
export class DistrictBusyError extends Error {}

/** The district while nothing of it moves. */
export interface QuietDistrict {
  readonly districtId: string;
  /** As the ledger has it; null if it does not know the district. */
  readonly state: 'active' | 'suspended' | null;
  readonly reason: string | null;
  /** Of its last completed run: what its watermarks are of. */
  readonly completed: { readonly generation: number; readonly time: string } | null;
}

const LOCK = 'select state, reason from ledger.districts where district_id = $1 for update';
const OPEN = `select generation from ledger.runs where district_id = $1
  and state not in ('completed', 'rejected', 'superseded', 'expired', 'aborted')`;
const COMPLETED = `select generation, opened_at from ledger.runs where district_id = $1 and state = 'completed'
  order by generation desc limit 1`;

/** Does something while no run of the district is open and none can be opened. Without a ledger nothing is opened. */
export async function whileQuiet<T>(
  url: string,
  districtId: string,
  act: (district: QuietDistrict) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // a connection lost in mid-query rejects the query
  await client.connect();
  try {
    await client.query(
      `begin; set local lock_timeout = '${WAIT_FOR_LOCK}'; set local datestyle to 'ISO, MDY'`,
    );
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regclass('ledger.runs') is not null as there`,
    );
    const unknown = { districtId, state: null, reason: null, completed: null };
    const result = await act(rows[0]?.there === true ? await lockDistrict(client, districtId) : unknown);
    await client.query('commit');
    return result;
  } finally {
    await client.end();
  }
}

async function lockDistrict(client: pg.Client, districtId: string): Promise<QuietDistrict> {
  const { rows: known } = await client.query<Pick<QuietDistrict, 'state' | 'reason'>>(LOCK, [districtId]);
  const { rows: open } = await client.query<{ generation: string }>(OPEN, [districtId]);
  if (open[0] !== undefined)
    throw new DistrictBusyError(`${districtId}: run ${open[0].generation} is not closed`);
  const { rows } = await client.query<{ generation: string; opened_at: Date }>(COMPLETED, [districtId]);
  const last = rows[0];
  const completed =
    last === undefined ? null : { generation: Number(last.generation), time: last.opened_at.toISOString() };
  return { districtId, state: known[0]?.state ?? null, reason: known[0]?.reason ?? null, completed };
}
