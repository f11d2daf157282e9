import type {
  DistrictMoment,
  EntityType,
  OpenRunState,
  PerType,
  RunKey,
  SnapshotMoment,
  TypePlan,
} from '#contracts';
import type { Statements } from './ledger-connection.js';
import type { Confirmation, Reading, ReadRetry } from './readings.js';
import type { Hold, Retries, RunCause } from './wishes.js';

/** A run that is not closed, with what its partitions have answered. Times are milliseconds. */
export interface OpenRunRow extends RunKey {
  readonly state: OpenRunState;
  readonly attempt: number;
  readonly failures: number;
  readonly dryRun: boolean;
  readonly retries: Retries;
  readonly suspended: string | null;
  readonly settings: object;
  readonly epochs: Readonly<Record<string, number>>;
  readonly refresh: readonly EntityType[];
  readonly openedAt: number;
  readonly stateAt: number;
  readonly markerAt: number | null;
  readonly leaseLost: boolean;
  readonly leaseHeld: boolean;
  readonly readFailure: { readonly reason: string; readonly retry: ReadRetry } | null;
  readonly reading: Reading | null;
  readonly confirmation: Confirmation | null;
  readonly hold: Hold | null;
  readonly plan: {
    readonly nothingToApply: boolean;
    readonly staleOrgs: readonly string[];
    readonly quarantinedActive: readonly EntityType[];
  } | null;
  readonly why: string | null;
  readonly answered: {
    readonly planned: readonly number[];
    readonly applied: readonly number[];
    readonly swept: readonly number[];
  };
  readonly failed: readonly { readonly partition: number; readonly reason: string }[];
}

export interface LedgerViewRow {
  /** The ledger's own clock. */
  readonly now: number;
  readonly runs: readonly OpenRunRow[];
  readonly unannounced: readonly (RunKey & { readonly reason: string })[];
  readonly due: readonly {
    readonly districtId: string;
    readonly cause: RunCause;
    readonly retries: Retries;
    readonly settings: object;
  }[];
  readonly askings: readonly {
    readonly nonce: string;
    readonly districtIds: readonly string[];
    readonly askedAt: number;
    readonly askedAgainAt: number;
    readonly answers: readonly { readonly partition: number; readonly epoch: number }[];
  }[];
  readonly refreshes: readonly {
    readonly districtId: string;
    readonly types: readonly EntityType[];
    readonly refreshedAt: number | null;
  }[];
  readonly partitions: readonly {
    readonly partition: number;
    readonly epoch: number;
    readonly heardAt: number;
    readonly rebuildingAt: number | null;
  }[];
  readonly events: readonly {
    readonly id: number;
    readonly districtId: string;
    readonly generation: number;
    readonly moment: SnapshotMoment | DistrictMoment;
    readonly time: string;
    readonly data: object;
  }[];
  readonly awaitsPersister: boolean;
  readonly refreshesDue: number;
  readonly drifts: number;
}

const CLOSED = `('completed', 'rejected', 'superseded', 'expired', 'aborted')`;
const MAX_EVENTS = 200;

/** In milliseconds. A time well ahead was told while the clock was: it is as long ago as can be, not yet to come. */
const told = (column: string): string =>
  `case when ${column} > now() + interval '15 minutes' then 0 else ledger.ms(${column}) end`;

const answered = (kind: string): string => `'${kind}', coalesce((select json_agg(a.partition)
  from ledger.partition_answers a where a.district_id = r.district_id and a.generation = r.generation
   and a.kind = '${kind}'), '[]')`;

const RUNS = `select coalesce(json_agg(json_build_object(
  'districtId', r.district_id, 'generation', r.generation, 'state', r.state, 'attempt', r.attempt,
  'failures', r.failures, 'dryRun', r.dry_run, 'retries', r.retries,
  'suspended', case d.state when 'suspended' then coalesce(d.reason, 'no reason given') end,
  'settings', d.settings, 'epochs', r.epochs, 'refresh', r.refresh, 'openedAt', ledger.ms(r.opened_at),
  'stateAt', ${told('r.state_at')}, 'markerAt', ${told('r.marker_at')},
  'leaseLost', r.state = 'reading' and not ledger.is_held(r.lease_until),
  'leaseHeld', r.state in ('reading', 'confirming') and ledger.is_held(r.lease_until),
  'readFailure', r.read_failure, 'reading', r.reading, 'confirmation', r.confirmation, 'hold', r.hold,
  'plan', case when r.plan is not null then json_build_object('nothingToApply', r.plan->'nothingToApply',
    'staleOrgs', r.plan->'staleOrgs', 'quarantinedActive', coalesce(r.plan->'quarantinedActive', '[]')) end,
  'why', (select string_agg(f->>'sentence', ' ') from jsonb_array_elements(r.guard) f),
  'answered', json_build_object(${['planned', 'applied', 'swept'].map(answered).join(', ')}),
  'failed', coalesce((select json_agg(json_build_object('partition', a.partition, 'reason', a.answer->>'reason'))
    from ledger.partition_answers a where a.district_id = r.district_id and a.generation = r.generation
     and a.kind = 'failed'), '[]')
  ) order by r.opened_at, r.district_id), '[]')
  from ledger.runs r join ledger.districts d using (district_id) where r.state not in ${CLOSED}`;

const UNANNOUNCED = `select coalesce(json_agg(json_build_object('districtId', district_id, 'generation', generation,
  'reason', coalesce(reason, state))), '[]')
  from ledger.runs where marker_at is null and state in ('rejected', 'superseded', 'expired', 'aborted')`;

/** No pause is longer than a day: what is due later than two was wished for while the clock was ahead. */
const DUE = `select coalesce(json_agg(json_build_object('districtId', w.district_id, 'cause', w.cause,
    'retries', w.retries, 'settings', d.settings) order by w.due_at), '[]')
  from ledger.wishes w join ledger.districts d using (district_id)
 where w.nonce is null and (w.due_at <= ledger.at($1::float8) or w.due_at > ledger.at($1::float8) + interval '2 days') and d.state = 'active'
   and not exists (select from ledger.runs r where r.district_id = w.district_id
     and r.state not in ${CLOSED} and r.state <> 'held')`;

const ASKINGS = `select coalesce(json_agg(json_build_object('nonce', nonce, 'districtIds', districts,
  'askedAt', ${told('asked_at')}, 'askedAgainAt', ${told('asked_again_at')},
  'answers', coalesce((select json_agg(json_build_object('partition', a.partition, 'epoch', a.epoch))
    from ledger.ready_answers a where a.nonce = asking.nonce), '[]'))), '[]')
  from (select nonce, json_agg(district_id order by district_id) as districts, min(asked_at) as asked_at,
          max(asked_again_at) as asked_again_at
          from ledger.wishes where nonce is not null group by nonce) asking`;

const REFRESHES = `select coalesce(json_agg(json_build_object('districtId', d.district_id, 'types', f.types,
  'refreshedAt', ledger.ms(d.refreshed_at))), '[]')
  from ledger.districts d join (select district_id, json_agg(entity_type order by entity_type) as types
    from ledger.refreshes group by district_id) f using (district_id)
 where d.state = 'active' and not exists (select from ledger.wishes w where w.district_id = d.district_id)
   and not exists (select from ledger.runs r where r.district_id = d.district_id and r.state not in ${CLOSED})`;

const PARTITIONS = `select coalesce(json_agg(json_build_object('partition', partition, 'epoch', epoch,
  'heardAt', ${told('heard_at')}, 'rebuildingAt', ${told('rebuilding_at')}) order by partition), '[]')
  from ledger.partitions`;

const EVENTS = `select coalesce(json_agg(json_build_object('id', id, 'districtId', district_id,
  'generation', generation, 'moment', moment,
  'time', to_char(time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'data', body) order by id), '[]')
  from (select * from ledger.lifecycle_events where published_at is null order by id limit ${MAX_EVENTS}) event`;

const AWAITS_PERSISTER = `select exists (select from ledger.runs where state = 'completed' and persisted_at is null)`;

/** What the coordinator looks at, in one statement each, and its lease. */
export class LedgerViews {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Takes or keeps the place of the active coordinator. */
  async holdLease(owner: string, leaseMs: number): Promise<'taken' | 'kept' | 'elsewhere'> {
    const { rows } = await this.#statements.query<{ kept: boolean }>(
      `with before as (select owner from ledger.leases where name = 'coordinator')
       insert into ledger.leases (name, owner, until)
       values ('coordinator', $1, now() + $2::float8 * interval '1 millisecond')
       on conflict (name) do update set owner = excluded.owner, until = excluded.until
         where leases.owner = excluded.owner or not ledger.is_held(leases.until)
       returning coalesce((select owner from before) = $1, false) as kept`,
      [owner, leaseMs],
    );
    const lease = rows[0];
    if (lease === undefined) return 'elsewhere';
    return lease.kept ? 'kept' : 'taken';
  }

  /** Gives the place up at once, so that another need not wait for the lease to pass. */
  async releaseLease(owner: string): Promise<void> {
    await this.#statements.query(`delete from ledger.leases where name = 'coordinator' and owner = $1`, [
      owner,
    ]);
  }

  async load(now: number): Promise<LedgerViewRow> {
    const { rows } = await this.#statements.query<LedgerViewRow>(
      `select ledger.ms(clock_timestamp()) as now, (${RUNS}) as runs, (${UNANNOUNCED}) as unannounced, (${DUE}) as due, (${ASKINGS}) as askings,
              (${REFRESHES}) as refreshes, (${PARTITIONS}) as partitions, (${EVENTS}) as events,
              (${AWAITS_PERSISTER}) as "awaitsPersister",
              (select count(*) from ledger.refreshes) as "refreshesDue",
              (select count(*) from ledger.drifts) as drifts`,
      [now],
    );
    const row = rows[0];
    if (row === undefined) throw new Error('the ledger answered no row to a statement that always gives one');
    return row;
  }

  async plannedAnswers(
    run: RunKey,
  ): Promise<readonly { readonly partition: number; readonly types: PerType<TypePlan> }[]> {
    const { rows } = await this.#statements.query<{ partition: number; types: PerType<TypePlan> }>(
      `select partition, answer->'types' as types from ledger.partition_answers
        where district_id = $1 and generation = $2 and kind = 'planned' order by partition`,
      [run.districtId, run.generation],
    );
    return rows;
  }
}
