/*
 * A move of a run is one statement: the update with its conditions, and in the same statement the lifecycle event it
 * is told by. Parameters 1 and 2 of every move are the run's key, 3 is the time in milliseconds. A closed run meets
 * no move's condition, because every move names the state it starts from.
 */
import type { RunKey } from '#contracts';
import type { Statements } from './ledger-connection.js';

export const KEY = 'district_id = $1 and generation = $2';
export const AT = 'ledger.at($3::float8)';

export interface Move {
  /** What changes, besides the time of the state. */
  readonly set: string;
  /** The state it was decided from, and whatever else must still be so. */
  readonly when: string;
  readonly moment?: string;
  /** SQL of the event's body, over the moved row; empty by default. */
  readonly body?: string;
  /** A further statement over `moved`, as a named query. */
  readonly also?: string;
  readonly values?: readonly unknown[];
}

/** True if the run was moved, false if its conditions were not met. */
export async function move(statements: Statements, run: RunKey, at: number, move: Move): Promise<boolean> {
  const told =
    move.moment === undefined
      ? ''
      : `, told as (insert into ledger.lifecycle_events (district_id, generation, moment, time, body)
           select district_id, generation, '${move.moment}', ${AT}, ${move.body ?? EMPTY} from moved)`;
  const { rowCount } = await statements.query(
    `with moved as (
       update ledger.runs set ${move.set}, state_at = ${AT}, marker_at = null
        where ${KEY} and ${move.when} returning *)${told}${move.also ?? ''}
     select 1 from moved`,
    [run.districtId, run.generation, at, ...(move.values ?? [])],
  );
  return rowCount === 1;
}

const EMPTY = `'{}'::jsonb`;

/** Body of an event that says why. */
export const BODY_WITH_REASON = `jsonb_build_object('reason', reason)`;
/** Body of an event that shows the plan. */
export const BODY_WITH_PLAN = `jsonb_build_object('digest', plan_digest, 'types', plan->'verbs')`;
export const BODY_WITH_REASON_AND_PLAN = `${BODY_WITH_REASON} || ${BODY_WITH_PLAN}`;
