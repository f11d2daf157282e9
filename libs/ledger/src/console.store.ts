import type { EntityType, PerType, RunKey, TypePlan } from '#contracts';
import type { DistrictSummary, RosterName, RunDetail, RunSummary } from './console-rows.js';
import type { Statements } from './ledger-connection.js';

const time = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const summed = (path: string): string =>
  `(select coalesce(sum(n::bigint), 0) from jsonb_path_query(r.reading, '${path}') n)`;
const SUMMARY = `'districtId', r.district_id, 'generation', r.generation, 'state', r.state, 'why', r.reason,
  'cause', r.cause, 'attempt', r.attempt, 'dryRun', r.dry_run, 'digest', r.plan_digest,
  'openedAt', ${time('r.opened_at')}, 'stateAt', ${time('r.state_at')}, 'closedAt', ${time('r.closed_at')},
  'retryAt', ${time('r.retry_at')}, 'persisted', r.persisted_at is not null,
  'quarantined', ${summed('$.quarantined.*')}, 'warnings', ${summed('$.warnings.*.*.*')}`;
const answered = (kind: string): string => `coalesce((select json_agg(a.partition order by a.partition)
  from ledger.partition_answers a where a.district_id = r.district_id and a.generation = r.generation
   and a.kind = '${kind}'), '[]')`;
const DONE = `coalesce((select json_object_agg(type, counts) from (
    select type, json_object_agg(verb, total) as counts from (
      select t.key as type, v.key as verb, sum(v.value::bigint) as total
        from ledger.partition_answers a, jsonb_each(a.answer->'types') t, jsonb_each_text(t.value) v
       where a.district_id = r.district_id and a.generation = r.generation and a.kind in ('applied', 'swept')
       group by 1, 2) verbs group by type) types), '{}')`;

const REFRESHES = `coalesce((select json_agg(json_build_object('entityType', f.entity_type,
    'askedAt', ${time('f.asked_at')}) order by f.entity_type)
  from ledger.refreshes f where f.district_id = d.district_id), '[]')`;
const DRIFTS = `coalesce((select json_agg(json_build_object('entityType', f.entity_type, 'partition', f.partition,
    'generation', f.generation, 'survived', f.survived, 'expected', f.expected, 'found', f.found,
    'reportedAt', ${time('f.reported_at')}) order by f.entity_type, f.partition)
  from ledger.drifts f where f.district_id = d.district_id), '[]')`;

/** Those of a pull that failed too; of runs that an older version read there are none. */
const QUIRKS_OF_RUN = `coalesce(r.reading->'quirks', r.read_failure->'quirks', '[]')`;
/** Of the last run that was read to the end, and of what failed since. */
const QUIRKS = `coalesce((select json_agg(distinct q.quirk order by q.quirk)
  from ledger.runs r, jsonb_array_elements_text(${QUIRKS_OF_RUN}) q(quirk)
 where r.district_id = d.district_id and r.generation >= coalesce((select max(l.generation) from ledger.runs l
   where l.district_id = d.district_id and l.reading is not null), 0)), '[]')`;

/** What the console shows. */
export class ConsoleLedger {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** All districts, or one. */
  async districts(districtId?: string): Promise<readonly DistrictSummary[]> {
    const { rows } = await this.#statements.query<{ district: DistrictSummary }>(
      `select json_build_object('districtId', d.district_id, 'name', d.name, 'state', d.state, 'reason', d.reason,
         'readyStamp', d.ready_stamp, 'settings', d.settings,
         'wanted', (select json_build_object('cause', w.cause, 'dryRun', w.dry_run, 'dueAt', ${time('w.due_at')},
             'failures', w.failures, 'trouble', w.trouble)
             from ledger.wishes w where w.district_id = d.district_id),
         'lastRun', (select json_build_object(${SUMMARY}) from ledger.runs r
             where r.district_id = d.district_id order by r.generation desc limit 1),
         'completedAt', ${time('d.completed_at')}, 'lateSince', ${time('d.late_since')},
         'refreshes', ${REFRESHES}, 'drifts', ${DRIFTS}, 'quirks', ${QUIRKS}) as district
        from ledger.districts d where $1::text is null or d.district_id = $1 order by d.district_id`,
      [districtId ?? null],
    );
    return rows.map(({ district }) => district);
  }

  /** The last runs, of one district or of all. */
  async runs(districtId: string | undefined, limit: number): Promise<readonly RunSummary[]> {
    const { rows } = await this.#statements.query<{ run: RunSummary }>(
      `select json_build_object(${SUMMARY}) as run from ledger.runs r
        where $1::text is null or r.district_id = $1 order by r.opened_at desc, r.generation desc limit $2`,
      [districtId ?? null, limit],
    );
    return rows.map(({ run }) => run);
  }

  async run({ districtId, generation }: RunKey): Promise<RunDetail | null> {
    const { rows } = await this.#statements.query<{ run: RunDetail }>(
      `select json_build_object(${SUMMARY}, 'hold', r.hold, 'reading', r.reading, 'quirks', ${QUIRKS_OF_RUN}, 'confirmation', r.confirmation,
         'progress', r.progress,
         'plan', case when r.plan is not null then
            json_build_object('verbs', r.plan->'verbs', 'types', r.plan->'types') end,
         'guard', r.guard, 'decision', r.decision, 'epochs', r.epochs, 'planned', ${answered('planned')},
         'applied', ${answered('applied')}, 'swept', ${answered('swept')}, 'done', ${DONE}) as run
        from ledger.runs r where r.district_id = $1 and r.generation = $2`,
      [districtId, generation],
    );
    return rows[0]?.run ?? null;
  }

  /** The run that is not closed and not held, if any: one that a new wish must not double. */
  async runUnderWay(districtId: string): Promise<number | null> {
    const { rows } = await this.#statements.query<{ generation: number }>(
      `select generation from ledger.runs where district_id = $1
          and state in ('opened', 'reading', 'read', 'planned', 'confirming', 'applying', 'sweeping')`,
      [districtId],
    );
    return rows[0]?.generation ?? null;
  }

  async plannedStale(run: RunKey): Promise<PerType<readonly string[]>> {
    const { rows } = await this.#statements.query<{ types: PerType<TypePlan> }>(
      `select answer->'types' as types from ledger.partition_answers
        where district_id = $1 and generation = $2 and kind = 'planned'`,
      [run.districtId, run.generation],
    );
    const stale: Partial<Record<EntityType, string[]>> = {};
    for (const { types } of rows) {
      for (const [type, plan] of Object.entries(types) as [EntityType, TypePlan][]) {
        stale[type] = [...(stale[type] ?? []), ...plan.staleIds];
      }
    }
    return stale;
  }

  /** From the roster's own view; null names while it is not there yet. */
  async names(
    districtId: string,
    type: EntityType,
    gg4lIds: readonly string[],
  ): Promise<readonly RosterName[]> {
    if (!(await this.#hasNames())) return gg4lIds.map((gg4lId) => ({ gg4lId, name: null }));
    const { rows } = await this.#statements.query<RosterName>(
      `select asked.id as "gg4lId", n.name from unnest($3::text[]) as asked(id)
         left join roster.names n on n.district_id = $1 and n.type = $2 and n.gg4l_id = asked.id
        order by n.name, asked.id`,
      [districtId, type, gg4lIds],
    );
    return rows;
  }

  /** Every org of the district with its name, to tell which school a hash stands for. */
  async orgNames(districtId: string): Promise<readonly RosterName[]> {
    if (!(await this.#hasNames())) return [];
    const { rows } = await this.#statements.query<RosterName>(
      `select gg4l_id as "gg4lId", name from roster.names where district_id = $1 and type = 'orgs'`,
      [districtId],
    );
    return rows;
  }

  async #hasNames(): Promise<boolean> {
    const { rows } = await this.#statements.query<{ there: boolean }>(
      `select to_regclass('roster.names') is not null as there`,
    );
    return rows[0]?.there === true;
  }
}
