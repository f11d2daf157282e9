/*
 * What a fetcher may do to a run that is to be confirmed: claim it under a lease, and change it only while nothing was
 * found yet and the lease is its own and not past. Nothing is half done by asking, so a run whose lease is past is
 * simply claimed again. A false answer means that the run is lost: stop at once.
 */
import type { RunKey } from '#contracts';
import { erasedOf, type ErasedKeys } from './erased.js';
import type { Statements } from './ledger-connection.js';
import type { ClaimedConfirmation, Confirmation, ReadRetry } from './readings.js';

const WAITING = `state = 'confirming' and confirmation is null and read_failure is null`;
const HELD_BY_OWNER = `district_id = $1 and generation = $2 and ${WAITING}
  and lease_owner = $3 and lease_until > now()`;

export class ConfirmingLedger {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Takes the run that has waited longest and that nobody holds; null if there is none. */
  async claim(owner: string, leaseMs: number): Promise<ClaimedConfirmation | null> {
    const { rows } = await this.#statements.query<ClaimedConfirmation>(
      // Materialized: as a plain subquery the planner may run it once for each row of r, and take them all.
      `with waiting as materialized (
         select district_id, generation from ledger.runs
          where ${WAITING} and not ledger.is_held(lease_until)
          order by state_at, district_id limit 1 for update skip locked)
       update ledger.runs r
          set lease_owner = $1, lease_until = now() + $2::float8 * interval '1 millisecond'
         from waiting
        where r.district_id = waiting.district_id and r.generation = waiting.generation
      returning r.district_id as "districtId", r.generation, coalesce(r.plan->'absent', '{}') as absent,
                coalesce(r.reading->'known', '{}') as known, r.reading->>'version' as version`,
      [owner, leaseMs],
    );
    return rows[0] ?? null;
  }

  /** Prolongs the lease, or with 0 gives it up; false if it or the run is lost. */
  async renew(run: RunKey, owner: string, leaseMs: number): Promise<boolean> {
    return this.#change(run, owner, `lease_until = now() + $4::float8 * interval '1 millisecond'`, leaseMs);
  }

  /** Point 6 of the proof; the run stays where it is, for the coordinator to move. */
  async finish(run: RunKey, owner: string, confirmation: Confirmation): Promise<boolean> {
    return this.#change(run, owner, 'confirmation = $4', JSON.stringify(confirmation));
  }

  /** Notes why nothing of this run may be archived any more; the coordinator then aborts it. */
  async fail(run: RunKey, owner: string, reason: string, retry: ReadRetry): Promise<boolean> {
    return this.#change(run, owner, 'read_failure = $4', JSON.stringify({ reason, retry }));
  }

  /** Records that are not asked for: no snapshot holds them. */
  async erased(districtId: string): Promise<ErasedKeys> {
    return erasedOf(this.#statements, districtId);
  }

  async #change(
    { districtId, generation }: RunKey,
    owner: string,
    set: string,
    value: unknown,
  ): Promise<boolean> {
    const { rowCount } = await this.#statements.query(
      `update ledger.runs set ${set} where ${HELD_BY_OWNER}`,
      [districtId, generation, owner, value],
    );
    return rowCount === 1;
  }
}
