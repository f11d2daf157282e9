/*
 * The moves of a run after it was read. Each is conditional on the state it was decided from and answers whether it
 * took place; a closed run never changes again, but for notes on what was sent and seen of it.
 */
import type { EntityType, OpenRunState, PerType, RunKey, VerbCounts } from '#contracts';
import type { Statements } from './ledger-connection.js';
import { AT, BODY_WITH_PLAN, BODY_WITH_REASON, BODY_WITH_REASON_AND_PLAN, KEY, move } from './run-moves.js';
import type { Confirmation } from './readings.js';
import type { Hold, Wish } from './wishes.js';

/** What the coordinator found the plan to be; stored as it is. */
export interface JudgedPlan {
  readonly plan: { readonly digest: string };
  readonly findings: readonly object[];
  readonly hold: Hold | null;
  /** Given where nobody is to be asked for. */
  readonly confirmation: Confirmation | null;
}

export type PlanState = 'planned' | 'confirming' | 'applying';

/** Its absent records were asked for, and none of them is still there. */
const UNVETOED = `confirmation is not null and confirmation->>'state' <> 'failed'`;

/** The wish given as $4 onwards, made if the run was moved and the district wishes for nothing yet. */
const ALSO_WISH = `, wished as (
  insert into ledger.wishes (district_id, cause, dry_run, retries, attempt, failures, due_at)
  select district_id, w->>'cause', (w->>'dryRun')::boolean, w->>'retries', (w->>'attempt')::integer,
         (w->>'failures')::integer, ledger.at((w->>'dueAt')::float8)
    from moved, (select $5::jsonb as w) wish where w is not null
  on conflict (district_id) do nothing)`;
const ABORTED = `state = 'aborted', reason = $4, closed_at = ${AT}, hold = null,
  retry_at = ledger.at(($5::jsonb->>'dueAt')::float8)`;

export class SettlementLedger {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  async plan(run: RunKey, judged: JudgedPlan, verbs: PerType<VerbCounts>, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'planned', plan = $4, plan_digest = $5, guard = $6, hold = $7, confirmation = $8`,
      when: `state = 'read'`,
      moment: 'planned',
      body: BODY_WITH_PLAN,
      values: [
        JSON.stringify({ ...judged.plan, verbs }),
        judged.plan.digest,
        JSON.stringify(judged.findings),
        judged.hold,
        judged.confirmation && JSON.stringify(judged.confirmation),
      ],
    });
  }

  /** The lease of whoever read the run ends with it: any fetcher may claim it at once. */
  async confirm(run: RunKey, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'confirming', lease_owner = null, lease_until = null`,
      when: `state = 'planned' and hold is null and not dry_run and confirmation is null`,
    });
  }

  /** The run stays in `confirming`, and goes on from there with its sweep held. */
  async veto(run: RunKey, finding: object, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `hold = 'sweep', guard = guard || jsonb_build_array($4::jsonb)`,
      when: `state = 'confirming' and hold is null and confirmation->>'state' = 'failed'`,
      values: [JSON.stringify(finding)],
    });
  }

  async apply(run: RunKey, from: Exclude<PlanState, 'applying'>, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'applying'`,
      when: `state = $4 and hold is distinct from 'everything' and not dry_run
        and (hold = 'sweep' or (${UNVETOED}))`,
      values: [from],
    });
  }

  async hold(run: RunKey, from: PlanState, reason: string, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'held', reason = $5`,
      when: `state = $4 and hold is not null and not dry_run`,
      moment: 'held',
      body: BODY_WITH_REASON_AND_PLAN,
      values: [from, reason],
    });
  }

  async sweep(run: RunKey, from: PlanState, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'sweeping'`,
      when: `state = $4 and hold is null and not dry_run and (state = 'applying' or (${UNVETOED}))`,
      values: [from],
    });
  }

  async complete(run: RunKey, refreshed: readonly EntityType[], at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'completed', closed_at = ${AT}`,
      when: `state = 'sweeping'`,
      moment: 'completed',
      body: BODY_WITH_PLAN,
      also: `, noted as (
        update ledger.districts d
           set completed_generation = moved.generation, completed_at = ${AT}, late_since = null
          from moved where d.district_id = moved.district_id),
      refreshed as (
        delete from ledger.refreshes f using moved
         where f.district_id = moved.district_id and f.entity_type = any($4::text[])
           and f.asks = (moved.refresh_asks->>f.entity_type)::integer)`,
      values: [refreshed],
    });
  }

  async expire(run: RunKey, heldSince: number, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'expired', closed_at = ${AT}, hold = null`,
      when: `state = 'held' and state_at <= ledger.at($4::float8)`,
      moment: 'expired',
      body: BODY_WITH_REASON,
      values: [heldSince],
    });
  }

  /** From the state it was decided from; the wish, if any, is made in the same statement. */
  async abort(
    run: RunKey,
    from: OpenRunState,
    reason: string,
    wish: Wish | null,
    at: number,
  ): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: ABORTED,
      when: 'state = $6',
      moment: 'aborted',
      body: BODY_WITH_REASON,
      also: ALSO_WISH,
      values: [reason, wish && JSON.stringify(wish), from],
    });
  }

  /** Only if the lease is still past: its fetcher may have come back meanwhile. */
  async abortLostLease(run: RunKey, reason: string, wish: Wish | null, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: ABORTED,
      when: `state = 'reading' and not ledger.is_held(lease_until)`,
      moment: 'aborted',
      body: BODY_WITH_REASON,
      also: ALSO_WISH,
      values: [reason, wish && JSON.stringify(wish)],
    });
  }

  /** `held` → `applying` if everything was held, else → `sweeping`; only for exactly this plan. */
  async approve(run: RunKey, digest: string, who: string, why: string, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = case hold when 'everything' then 'applying' else 'sweeping' end, hold = null, reason = null,
            decision = ${decision('approved')}`,
      when: `state = 'held' and plan_digest = $4
        and exists (select from ledger.districts d where d.district_id = $1 and d.state = 'active')`,
      moment: 'approved',
      body: `jsonb_build_object('reason', $6::text, 'digest', plan_digest)`,
      values: [digest, who, why],
    });
  }

  /** `held` → `rejected`; only for exactly this plan. */
  async reject(run: RunKey, digest: string, who: string, why: string, at: number): Promise<boolean> {
    return move(this.#statements, run, at, {
      set: `state = 'rejected', closed_at = ${AT}, reason = $6, hold = null, decision = ${decision('rejected')}`,
      when: `state = 'held' and plan_digest = $4`,
      moment: 'rejected',
      body: `${BODY_WITH_REASON} || jsonb_build_object('digest', plan_digest)`,
      values: [digest, who, why],
    });
  }

  async markerSent(run: RunKey, state: OpenRunState, at: number): Promise<void> {
    await this.#statements.query(`update ledger.runs set marker_at = ${AT} where ${KEY} and state = $4`, [
      run.districtId,
      run.generation,
      at,
      state,
    ]);
  }

  /** The ABORT of a closed run went out. */
  async announced(run: RunKey, at: number): Promise<void> {
    await this.#statements.query(
      `update ledger.runs set marker_at = ${AT}
        where ${KEY} and state in ('rejected', 'superseded', 'expired', 'aborted')`,
      [run.districtId, run.generation, at],
    );
  }

  async published(eventIds: readonly number[], at: number): Promise<void> {
    await this.#statements.query(
      `update ledger.lifecycle_events set published_at = ledger.at($2::float8) where id = any($1::bigint[])`,
      [eventIds, at],
    );
  }

  /** Notes completed runs of which Postgres has passed so many watermarks (7 · P); answers them. */
  async notePersisted(watermarks: number, at: number): Promise<readonly RunKey[]> {
    const { rows } = await this.#statements.query<{ districtId: string; generation: number }>(
      `update ledger.runs r set persisted_at = ledger.at($2::float8)
        where r.state = 'completed' and r.persisted_at is null and $1 <=
          (select count(*) from ledger.passed p
            where p.district_id = r.district_id and p.generation >= r.generation)
      returning district_id as "districtId", generation`,
      [watermarks, at],
    );
    return rows;
  }
}

function decision(verdict: 'approved' | 'rejected'): string {
  return `jsonb_build_object('verdict', '${verdict}', 'who', $5::text, 'why', $6::text, 'at', ${AT})`;
}
