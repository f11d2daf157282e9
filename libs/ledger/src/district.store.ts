import type { Statements } from './ledger-connection.js';

/** A district as Discovery shows it. */
export interface ListedDistrict {
  readonly districtId: string;
  readonly name: string;
  readonly readyStamp: string | null;
  /** Why it may not be pulled though it is listed; null if it may. */
  readonly suspended: string | null;
}

/** What the schedule looks at. Times are milliseconds. */
export interface ScheduledDistrict {
  readonly districtId: string;
  readonly readyStamp: string | null;
  readonly pulledAt: number | null;
  readonly pulledStamp: string | null;
  readonly hour: number | null;
}

/** Which districts there are, and their settings. */
export class DistrictLedger {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /**
   * Takes over what Discovery lists now: new districts appear, those gone or not to be pulled are suspended with the
   * reason and wish for nothing more. Nothing of them is archived. Answers the ids whose state changed.
   */
  async note(listed: readonly ListedDistrict[]): Promise<readonly string[]> {
    const { rows } = await this.#statements.query<{ district_id: string }>(
      `with listed as (
         select * from jsonb_to_recordset($1::jsonb)
           as l("districtId" text, name text, "readyStamp" text, suspended text)),
       before as (select district_id, state from ledger.districts),
       present as (
         insert into ledger.districts as d (district_id, name, state, reason, ready_stamp)
         select "districtId", name, case when suspended is null then 'active' else 'suspended' end, suspended,
                "readyStamp" from listed order by 1
         on conflict (district_id) do update set name = excluded.name, state = excluded.state,
           reason = excluded.reason, ready_stamp = coalesce(excluded.ready_stamp, d.ready_stamp)
         returning d.district_id, d.state),
       gone as (
         update ledger.districts d set state = 'suspended', reason = 'gone from Discovery'
          where d.state = 'active' and not exists (select from listed where "districtId" = d.district_id)
         returning d.district_id, d.state),
       now_known as (select * from present union all select * from gone),
       dropped as (
         delete from ledger.wishes w using now_known k
          where k.district_id = w.district_id and k.state = 'suspended')
       select k.district_id from now_known k left join before b using (district_id)
        where b.state is distinct from k.state`,
      [JSON.stringify(listed)],
    );
    return rows.map((row) => row.district_id);
  }

  /** Active districts that wish for nothing. */
  async scheduled(): Promise<readonly ScheduledDistrict[]> {
    const { rows } = await this.#statements.query<ScheduledDistrict>(
      `select district_id as "districtId", ready_stamp as "readyStamp", ledger.ms(pulled_at) as "pulledAt",
              pulled_stamp as "pulledStamp", (settings->>'hour')::integer as hour
         from ledger.districts d
        where state = 'active' and not exists (select from ledger.wishes w where w.district_id = d.district_id)
        order by district_id`,
    );
    return rows;
  }

  /** False if there is no such district. */
  async configure(districtId: string, settings: object): Promise<boolean> {
    const { rowCount } = await this.#statements.query(
      'update ledger.districts set settings = $2 where district_id = $1',
      [districtId, JSON.stringify(settings)],
    );
    return rowCount === 1;
  }
}
