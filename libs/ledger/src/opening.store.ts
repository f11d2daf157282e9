/*
 * From a wish to an opened run. The next generation is taken in the transaction that opens the run: above the last,
 * and no lower than the clock, so that even a restored ledger goes on rising. That transaction also closes an
 * undecided held run as superseded; one that was approved first stays, and then nothing is opened.
 */
import type { PerType } from '#contracts';
import type { LedgerConnection, Statements } from './ledger-connection.js';
import type { Wish } from './wishes.js';

const UNIQUE_VIOLATION = '23505';
const NOT_CLOSED = `r.state not in ('completed', 'rejected', 'superseded', 'expired', 'aborted')`;

interface WishRow {
  readonly cause: string;
  readonly dry_run: boolean;
  readonly retries: string;
  readonly attempt: number;
  readonly failures: number;
  readonly last_generation: number;
  readonly refresh_asks: PerType<number>;
  readonly ready_stamp: string | null;
}

export class OpeningLedger {
  readonly #connection: LedgerConnection;

  constructor(connection: LedgerConnection) {
    this.#connection = connection;
  }

  /** Wishes for a run of an active district; false if it is suspended, unknown, or wishes for something already. */
  async want(wish: Wish): Promise<boolean> {
    return insertWish(this.#connection, wish, 'do nothing');
  }

  /** As `want`, but takes the place of a wish that is there, keeping its ASK. */
  async wantNow(wish: Wish): Promise<boolean> {
    return insertWish(
      this.#connection,
      wish,
      `do update set cause = excluded.cause, dry_run = excluded.dry_run, retries = excluded.retries,
         attempt = excluded.attempt, failures = excluded.failures, due_at = excluded.due_at`,
    );
  }

  /** Wishes for a run that sends again what is due; false if nothing is, or a wish or an open run is there. */
  async wantRefresh(districtId: string, dueAt: number): Promise<boolean> {
    const { rowCount } = await this.#connection.query(
      `insert into ledger.wishes (district_id, cause, dry_run, retries, attempt, failures, due_at)
       select district_id, 'refresh', false, 'scheduled', 1, 0, ledger.at($2::float8) from ledger.districts d
        where district_id = $1 and state = 'active'
          and exists (select from ledger.refreshes f where f.district_id = d.district_id)
          and not exists (select from ledger.runs r where r.district_id = d.district_id and ${NOT_CLOSED})
       on conflict (district_id) do nothing`,
      [districtId, dueAt],
    );
    return rowCount === 1;
  }

  /** Notes the ASK that these wishes wait on. */
  async ask(nonce: string, districtIds: readonly string[], at: number): Promise<void> {
    await this.#connection.query(
      `update ledger.wishes
          set nonce = $1, asked_at = ledger.at($3::float8), asked_again_at = ledger.at($3::float8)
        where district_id = any($2) and nonce is null`,
      [nonce, districtIds, at],
    );
  }

  async askedAgain(nonce: string, at: number): Promise<void> {
    await this.#connection.query(
      `update ledger.wishes set asked_again_at = ledger.at($2::float8) where nonce = $1`,
      [nonce, at],
    );
  }

  /** Gives an ASK up; its wishes are due again later, with the trouble to be seen. */
  async postpone(nonce: string, trouble: string, dueAt: number): Promise<void> {
    await this.#connection.query(
      `update ledger.wishes set nonce = null, asked_at = null, asked_again_at = null, trouble = $2,
              due_at = ledger.at($3::float8)
        where nonce = $1`,
      [nonce, trouble, dueAt],
    );
  }

  /** Null if the district is suspended, its wish is gone, or another run is not closed. */
  async open(
    districtId: string,
    nonce: string,
    epochs: Readonly<Record<string, number>>,
    at: number,
  ): Promise<number | null> {
    try {
      return await this.#connection.transaction(async (statements) => {
        const wish = await takeWish(statements, districtId, nonce);
        if (wish === null) return null;
        await supersede(statements, districtId, at);
        return insertRun(statements, districtId, wish, epochs, at);
      });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION) return null;
      throw error;
    }
  }
}

async function insertWish(statements: Statements, wish: Wish, onConflict: string): Promise<boolean> {
  const { rowCount } = await statements.query(
    `insert into ledger.wishes (district_id, cause, dry_run, retries, attempt, failures, due_at)
     select district_id, $2, $3, $4, $5, $6, ledger.at($7::float8) from ledger.districts
      where district_id = $1 and state = 'active'
     on conflict (district_id) ${onConflict}`,
    [wish.districtId, wish.cause, wish.dryRun, wish.retries, wish.attempt, wish.failures, wish.dueAt],
  );
  return rowCount === 1;
}

/** Locks the district, and takes the wish away: if the run cannot be opened the transaction brings it back. */
async function takeWish(statements: Statements, districtId: string, nonce: string): Promise<WishRow | null> {
  const { rows: districts } = await statements.query<Omit<WishRow, 'cause'>>(
    `select last_generation, ready_stamp,
            coalesce((select jsonb_object_agg(f.entity_type, f.asks) from ledger.refreshes f
              where f.district_id = d.district_id), '{}') as refresh_asks
       from ledger.districts d where district_id = $1 and state = 'active' for update`,
    [districtId],
  );
  const district = districts[0];
  if (district === undefined) return null;
  const { rows } = await statements.query<WishRow>(
    `delete from ledger.wishes where district_id = $1 and nonce = $2
     returning cause, dry_run, retries, attempt, failures`,
    [districtId, nonce],
  );
  await statements.query(
    `delete from ledger.ready_answers a
      where not exists (select from ledger.wishes w where w.nonce = a.nonce)`,
  );
  const wish = rows[0];
  return wish === undefined ? null : { ...district, ...wish };
}

async function supersede(statements: Statements, districtId: string, at: number): Promise<void> {
  await statements.query(
    `with moved as (
       update ledger.runs set state = 'superseded', reason = 'a newer run was opened', hold = null,
              closed_at = ledger.at($2::float8), state_at = ledger.at($2::float8), marker_at = null
        where district_id = $1 and state = 'held' returning *)
     insert into ledger.lifecycle_events (district_id, generation, moment, time, body)
     select district_id, generation, 'superseded', ledger.at($2::float8), jsonb_build_object('reason', reason)
       from moved`,
    [districtId, at],
  );
}

async function insertRun(
  statements: Statements,
  districtId: string,
  wish: WishRow,
  epochs: Readonly<Record<string, number>>,
  at: number,
): Promise<number> {
  const generation = Math.max(wish.last_generation + 1, Math.floor(at / 1000));
  const refresh = Object.keys(wish.refresh_asks).sort();
  await statements.query(
    `with opened as (
       insert into ledger.runs (district_id, generation, state, cause, attempt, failures, dry_run, retries, epochs,
              refresh, refresh_asks, ready_stamp, opened_at, state_at)
       values ($1, $2, 'opened', $4, $5, $6, $7, $8, $9, $10, $11, $12, ledger.at($3::float8), ledger.at($3::float8)))
     insert into ledger.lifecycle_events (district_id, generation, moment, time, body)
     values ($1, $2, 'opened', ledger.at($3::float8), '{}')`,
    [
      ...[districtId, generation, at, wish.cause, wish.attempt, wish.failures, wish.dry_run, wish.retries],
      ...[JSON.stringify(epochs), refresh, JSON.stringify(wish.refresh_asks), wish.ready_stamp],
    ],
  );
  await statements.query(
    `update ledger.districts set last_generation = $2,
            pulled_at = case when $4 then pulled_at else ledger.at($3::float8) end,
            pulled_stamp = case when $4 then pulled_stamp else ready_stamp end,
            refreshed_at = case when $4 or not $5 then refreshed_at else ledger.at($3::float8) end
      where district_id = $1`,
    [districtId, generation, at, wish.dry_run, refresh.length > 0],
  );
  return generation;
}
