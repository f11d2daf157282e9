import pg from 'pg';

const WAIT_FOR_LOCK = '10s';

/** A run of the district is under way: what is removed now could come back behind the tombstone. */
export class DistrictBusyError extends Error {}

/** Does something while no run of the district is open and none can be opened. Without a ledger nothing is opened. */
export async function whileQuiet<T>(url: string, districtId: string, act: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // a connection lost in mid-query rejects the query
  await client.connect();
  try {
    await client.query(`begin; set local lock_timeout = '${WAIT_FOR_LOCK}'`);
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regclass('ledger.runs') is not null as there`,
    );
    if (rows[0]?.there === true) await lockDistrict(client, districtId);
    const result = await act();
    await client.query('commit');
    return result;
  } finally {
    await client.end();
  }
}

async function lockDistrict(client: pg.Client, districtId: string): Promise<void> {
  await client.query('select from ledger.districts where district_id = $1 for update', [districtId]);
  const { rows } = await client.query<{ generation: string }>(
    `select generation from ledger.runs where district_id = $1
       and state not in ('completed', 'rejected', 'superseded', 'expired', 'aborted')`,
    [districtId],
  );
  const [open] = rows;
  if (open !== undefined) throw new DistrictBusyError(`${districtId}: run ${open.generation} is not closed`);
}
