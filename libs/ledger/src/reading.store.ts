/*
 * What a fetcher may do to a run: claim an opened one under a lease, and from then on change it only while the run
 * is `reading` and the lease is its own and not past. A false answer means that the run is lost: stop at once.
 */
import type { EntityType, RunKey } from '#contracts';
import type { AllowList } from '#oneroster';
import { erasedOf, type ErasedKeys } from './erased.js';
import type { Statements } from './ledger-connection.js';
import type {
  ClaimedRun,
  KnownVersions,
  MaskedShares,
  Reading,
  ReadRetry,
  ReferenceShares,
} from './readings.js';

const HELD_BY_OWNER = `district_id = $1 and generation = $2 and state = 'reading'
  and lease_owner = $3 and lease_until > now()`;

interface ClaimedRow {
  readonly district_id: string;
  readonly generation: number;
  readonly opened_at: Date;
  readonly refresh: EntityType[];
  readonly attempt: number;
  readonly dry_run: boolean;
  readonly allow: AllowList | null;
  readonly masked_before: MaskedShares | null;
}

export class ReadingLedger {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /**
   * Takes the run that has waited longest, `opened` → `reading`; null if none waits, or if `atOnce` runs are being
   * read already by all fetchers together. A run whose lease is past is read by nobody.
   */
  async claim(owner: string, leaseMs: number, atOnce: number): Promise<ClaimedRun | null> {
    const { rows } = await this.#statements.query<ClaimedRow>(
      // Materialized: as a plain subquery the planner may run it once for each row of r, and take them all.
      `with waiting as materialized (
         select district_id, generation from ledger.runs
          where state = 'opened' and (select ledger.runs_being_read()) < $3
          order by opened_at, district_id limit 1 for update skip locked)
       update ledger.runs r
          set state = 'reading', state_at = now(), lease_owner = $1,
              lease_until = now() + $2::float8 * interval '1 millisecond'
         from waiting
        where r.district_id = waiting.district_id and r.generation = waiting.generation
      returning r.district_id, r.generation, r.opened_at, r.refresh, r.attempt, r.dry_run,
        (select settings->'allow' from ledger.districts d where d.district_id = r.district_id) as allow,
        (select reading->'masked' from ledger.runs last
          where last.district_id = r.district_id and last.state = 'completed'
          order by last.generation desc limit 1) as masked_before`,
      [owner, leaseMs, atOnce],
    );
    const row = rows[0];
    return row === undefined
      ? null
      : {
          districtId: row.district_id,
          generation: row.generation,
          openedAt: row.opened_at.toISOString(),
          refresh: row.refresh,
          attempt: row.attempt,
          dryRun: row.dry_run,
          allow: row.allow,
          maskedBefore: row.masked_before,
        };
  }

  /** Prolongs the lease; false if it or the run is lost. */
  async renew(run: RunKey, owner: string, leaseMs: number): Promise<boolean> {
    const { rowCount } = await this.#statements.query(
      `update ledger.runs set lease_until = now() + $4::float8 * interval '1 millisecond' where ${HELD_BY_OWNER}`,
      [run.districtId, run.generation, owner, leaseMs],
    );
    return rowCount === 1;
  }

  /** `reading` → `read`, with the proof; false if the lease or the run is lost. */
  async finish(run: RunKey, owner: string, reading: Reading): Promise<boolean> {
    const { rowCount } = await this.#statements.query(
      `update ledger.runs set state = 'read', state_at = now(), marker_at = null, reading = $4
        where ${HELD_BY_OWNER} and read_failure is null`,
      [run.districtId, run.generation, owner, JSON.stringify(reading)],
    );
    return rowCount === 1;
  }

  /**
   * Notes why the snapshot could not be read, what is to follow, and what the source needed until then; the coordinator
   * then aborts the run.
   */
  async fail(
    run: RunKey,
    owner: string,
    reason: string,
    retry: ReadRetry,
    quirks: readonly string[] = [],
  ): Promise<boolean> {
    const { rowCount } = await this.#statements.query(
      `update ledger.runs set read_failure = $4 where ${HELD_BY_OWNER}`,
      [run.districtId, run.generation, owner, JSON.stringify({ reason, retry, quirks })],
    );
    return rowCount === 1;
  }

  /** Of the district's last completed run; null if there is none. */
  async lastReferences(districtId: string): Promise<ReferenceShares | null> {
    const { rows } = await this.#statements.query<{ shares: ReferenceShares | null }>(
      `select reading->'references' as shares from ledger.runs
        where district_id = $1 and state = 'completed' order by generation desc limit 1`,
      [districtId],
    );
    return rows[0]?.shares ?? null;
  }

  /** Records that no snapshot holds. */
  async erased(districtId: string): Promise<ErasedKeys> {
    return erasedOf(this.#statements, districtId);
  }

  async knownVersions(districtId: string): Promise<KnownVersions> {
    const { rows } = await this.#statements.query<KnownVersions>(
      `select (select reading->>'version' from ledger.runs r
                where r.district_id = d.district_id and state = 'completed'
                order by generation desc limit 1) as last,
              settings->>'version' as confirmed
         from ledger.districts d where district_id = $1`,
      [districtId],
    );
    return rows[0] ?? { last: null, confirmed: null };
  }
}
