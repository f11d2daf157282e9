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
  readonly blackouts: readonly { readonly from: string; readonly until: string }[] | null;
  /** The ledger's own time at this look: what is above it was told by a clock that was ahead. */
  readonly now: number;
}

/** A district that was listed otherwise than before. */
export interface ChangedDistrict {
  readonly districtId: string;
  readonly state: 'active' | 'suspended';
  readonly reason: string | null;
}

/** What the age of a district's copy is told from. Times are milliseconds. */
export interface KnownDistrict {
  readonly districtId: string;
  readonly state: 'active' | 'suspended';
  readonly activeSince: number;
  readonly completedAt: number | null;
  readonly settings: {
    readonly blackouts?: ScheduledDistrict['blackouts'];
    readonly lateAfterHours?: number | null;
  };
  /** As in ScheduledDistrict. */
  readonly now: number;
}

/** All settings of a district, before and after they were put. */
export interface ReplacedSettings {
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

export interface LateDistrict extends Pick<KnownDistrict, 'districtId' | 'completedAt'> {
  readonly reason: string;
}

const COMES_BACK = `d.state = 'suspended' and excluded.state = 'active'`;

/** Whoever comes back has aged by the time before it was suspended; where that is not known, it begins anew. */
const ACTIVE_SINCE = `case when ${COMES_BACK}
  then coalesce(least(greatest(d.active_since, case when d.completed_at <= now() then d.completed_at end)
    + (now() - d.suspended_since), now()), now())
  else d.active_since end`;

/** Which districts there are, and their settings. */
export class DistrictLedger {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /**
   * Takes over what Discovery lists now: new districts appear, those gone or not to be pulled are suspended with the
   * reason and wish for nothing more. Nothing of them is archived. One that comes back counts as never pulled, so that
   * it is due at once, and its age goes on from what it was: who comes and goes is late in the end. Tells of those whose
   * state changed, and answers them. `kept` are not listed, and stay as they are.
   */
  async note(
    listed: readonly ListedDistrict[],
    kept: readonly string[] | 'all' = [],
  ): Promise<readonly ChangedDistrict[]> {
    const { rows } = await this.#statements.query<ChangedDistrict>(
      `with listed as (
         select * from jsonb_to_recordset($1::jsonb)
           as l("districtId" text, name text, "readyStamp" text, suspended text)),
       before as (select district_id, state from ledger.districts),
       present as (
         insert into ledger.districts as d (district_id, name, state, reason, ready_stamp)
         select "districtId", name, case when suspended is null then 'active' else 'suspended' end, suspended,
                "readyStamp" from listed order by 1
         on conflict (district_id) do update set name = excluded.name, state = excluded.state,
           reason = excluded.reason, ready_stamp = coalesce(excluded.ready_stamp, d.ready_stamp),
           pulled_at = case when ${COMES_BACK} then null else d.pulled_at end,
           active_since = ${ACTIVE_SINCE},
           suspended_since = case when d.state = 'active' and excluded.state = 'suspended' then now()
             else d.suspended_since end,
           late_since = case excluded.state when 'active' then d.late_since end
         returning d.district_id, d.state, d.reason, d.completed_generation),
       gone as (
         update ledger.districts d set state = 'suspended', reason = 'gone from Discovery', late_since = null,
                suspended_since = now()
          where d.state = 'active' and not exists (select from listed where "districtId" = d.district_id)
            and ($2::text[] is not null and d.district_id <> all ($2))
         returning d.district_id, d.state, d.reason, d.completed_generation),
       now_known as (select * from present union all select * from gone),
       dropped as (
         delete from ledger.wishes w using now_known k
          where k.district_id = w.district_id and k.state = 'suspended'),
       changed as (
         select k.* from now_known k left join before b using (district_id)
          where b.state is distinct from k.state),
       told as (
         insert into ledger.lifecycle_events (district_id, generation, moment, time, body)
         select district_id, coalesce(completed_generation, 0), state, now(),
                jsonb_strip_nulls(jsonb_build_object('reason', reason)) from changed order by district_id)
       select district_id as "districtId", state, reason from changed order by 1`,
      [JSON.stringify(listed), kept === 'all' ? null : kept],
    );
    return rows;
  }

  /**
   * Active districts that wish for nothing and of which no run is under way: what follows that run, and when, is told by
   * its end. A held run waits for somebody, and newer data supersede it.
   */
  async scheduled(): Promise<readonly ScheduledDistrict[]> {
    const { rows } = await this.#statements.query<ScheduledDistrict>(
      `select district_id as "districtId", ready_stamp as "readyStamp", ledger.ms(pulled_at) as "pulledAt",
              pulled_stamp as "pulledStamp", (settings->>'hour')::integer as hour,
              coalesce(settings->'blackouts', '[]') as blackouts, ledger.ms(clock_timestamp()) as now
         from ledger.districts d
        where state = 'active' and not exists (select from ledger.wishes w where w.district_id = d.district_id)
          and not exists (select from ledger.runs r where r.district_id = d.district_id
            and r.state in ('opened', 'reading', 'read', 'planned', 'confirming', 'applying', 'sweeping'))
        order by district_id`,
    );
    return rows;
  }

  /** All that Discovery ever listed. */
  async known(): Promise<readonly KnownDistrict[]> {
    const { rows } = await this.#statements.query<KnownDistrict>(
      `select district_id as "districtId", state, ledger.ms(active_since) as "activeSince",
              ledger.ms(completed_at) as "completedAt", settings, ledger.ms(clock_timestamp()) as now
         from ledger.districts order by district_id`,
    );
    return rows;
  }

  /**
   * Notes and tells that these are late, each once until a run of it is completed or it is suspended. Answers those
   * that were not late before, and of which no run was completed since they were looked at.
   */
  async noteLate(late: readonly LateDistrict[], at: number): Promise<readonly LateDistrict[]> {
    if (late.length === 0) return [];
    const { rows } = await this.#statements.query<LateDistrict>(
      `with late as (
         update ledger.districts d set late_since = ledger.at($2::float8)
           from jsonb_to_recordset($1::jsonb) as l("districtId" text, "completedAt" bigint, reason text)
          where d.district_id = l."districtId" and d.state = 'active' and d.late_since is null
            and ledger.ms(d.completed_at) is not distinct from l."completedAt"
         returning d.district_id, d.completed_generation, l."completedAt", l.reason),
       told as (
         insert into ledger.lifecycle_events (district_id, generation, moment, time, body)
         select district_id, coalesce(completed_generation, 0), 'late', ledger.at($2::float8),
                jsonb_build_object('reason', reason) from late order by district_id)
       select district_id as "districtId", "completedAt", reason from late order by 1`,
      [JSON.stringify(late), at],
    );
    return rows;
  }

  /** Replaces all settings; null if there is no such district. */
  async configure(districtId: string, settings: object): Promise<ReplacedSettings | null> {
    const { rows } = await this.#statements.query<ReplacedSettings>(
      `with before as (select district_id, settings from ledger.districts where district_id = $1 for update)
       update ledger.districts d set settings = $2 from before where d.district_id = before.district_id
       returning before.settings as before, d.settings as after`,
      [districtId, JSON.stringify(settings)],
    );
    return rows[0] ?? null;
  }
}
