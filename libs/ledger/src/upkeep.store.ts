import type { Statements } from './ledger-connection.js';

const AT_ONCE = 10_000;

/** Answers of runs that were closed before; the runs themselves stay, with plan, guard, decision and end. */
const ANSWERS = `delete from ledger.partition_answers where ctid = any (array(
  select a.ctid from ledger.runs r join ledger.partition_answers a using (district_id, generation)
   where r.closed_at < ledger.at($1::float8) limit ${AT_ONCE}))`;
const EVENTS = `delete from ledger.lifecycle_events where ctid = any (array(
  select ctid from ledger.lifecycle_events where published_at < ledger.at($1::float8) limit ${AT_ONCE}))`;

/** Takes away what the ledger needs no more, so that it does not grow with every run for ever. */
export class UpkeepLedger {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /**
   * Answers of partitions to runs closed before that time, and events published before it: some of each, so that no
   * statement takes long. Answers how many; nothing is left once that is none.
   */
  async forgetSomeBefore(at: number): Promise<{ readonly answers: number; readonly events: number }> {
    return { answers: await this.#remove(ANSWERS, at), events: await this.#remove(EVENTS, at) };
  }

  async #remove(statement: string, at: number): Promise<number> {
    const { rowCount } = await this.#statements.query(statement, [at]);
    return rowCount ?? 0;
  }
}
