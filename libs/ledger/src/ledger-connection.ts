import pg from 'pg';
import { MIGRATIONS } from './migrations.js';
import { isUnanswered } from './transient.js';

const MIGRATION_LOCK = 7_226_001;
const INT8 = 20;
/** A server or network that says nothing for so long is taken for gone. */
const ANSWERS_WITHIN_MS = 30_000;
/** Who stands still in a transaction loses it, so that nobody else waits for what it holds. */
const IDLE_WITHIN_MS = 8_000;

/** How times are written, whatever server, database or role say: as pg reads them. */
const ISO_DATES = `set datestyle to 'ISO, MDY'`;

/** Statements run on this: the pool, or one client inside a transaction. */
export interface Statements {
  query<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<R>>;
}

/**
 * The ledger's connections to Postgres. With a namespace, the database of `databaseUrl` is replaced by one of that
 * name, and `databaseUrl` itself is used to create it; without, `databaseUrl` names the database (created through
 * `postgres` on the same server).
 */
export class LedgerConnection implements Statements {
  readonly #pool: pg.Pool;
  readonly #database: string;
  readonly #creationUrl: string;
  readonly #begin: string;

  constructor(
    databaseUrl: string,
    namespace?: string,
    answersWithinMs = ANSWERS_WITHIN_MS,
    idleWithinMs = IDLE_WITHIN_MS,
  ) {
    this.#begin = `begin; set local idle_in_transaction_session_timeout = ${idleWithinMs}`;
    const url = new URL(databaseUrl);
    const creation = new URL(databaseUrl);
    if (namespace === undefined || creation.pathname.length <= 1) creation.pathname = '/postgres';
    if (namespace !== undefined) url.pathname = `/${namespace}`;
    this.#database = decodeURIComponent(url.pathname.slice(1));
    this.#creationUrl = creation.href;
    this.#pool = new pg.Pool({
      connectionString: url.href,
      max: 6,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      query_timeout: answersWithinMs,
      onConnect: writeIsoDates,
      types: {
        getTypeParser: (oid: number, format?: 'text' | 'binary') =>
          oid === INT8 ? Number : (pg.types.getTypeParser(oid, format) as unknown),
      },
    });
    // A broken idle connection is replaced by the pool; what matters shows in the next statement.
    this.#pool.on('error', () => undefined);
  }

  query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<pg.QueryResult<R>> {
    return this.#pool.query<R>(text, [...values]);
  }

  async transaction<T>(body: (statements: Statements) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    // A connection that breaks in use is said by its next statement; unheard, it would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await client.query(this.#begin);
      const result = await body({ query: (text, values = []) => client.query(text, [...values]) });
      await client.query('commit');
      return result;
    } catch (error) {
      // On a connection that says nothing a rollback would wait as long again: it is closed instead.
      if (isUnanswered(error)) broken = error;
      else await client.query('rollback').catch((failure: Error) => (broken = failure));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** Creates the database and the schema `ledger` if missing, and brings it to this version. Safe side by side. */
  async migrate(): Promise<void> {
    await this.#createDatabase();
    await this.transaction(async (statements) => {
      await statements.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
      await statements.query('create schema if not exists ledger');
      await statements.query(
        `create table if not exists ledger.migrations
           (version integer primary key, applied_at timestamptz not null default now())`,
      );
      const { rows } = await statements.query<{ version: number }>('select version from ledger.migrations');
      const applied = new Set(rows.map((row) => row.version));
      for (const { version, statement } of MIGRATIONS) {
        if (applied.has(version)) continue;
        await statements.query(statement);
        await statements.query('insert into ledger.migrations (version) values ($1)', [version]);
      }
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #createDatabase(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#creationUrl, connectionTimeoutMillis: 10_000 });
    await client.connect();
    try {
      const found = await client.query('select 1 from pg_database where datname = $1', [this.#database]);
      if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(this.#database)}`);
    } catch (error) {
      if (!isCreatedMeanwhile(error)) throw error;
    } finally {
      await client.end();
    }
  }
}

/** Another service created the database between the look and the statement. */
function isCreatedMeanwhile(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '42P04' || error.code === '23505');
}

/** The pool waits for what this gives before it hands the connection out. */
function writeIsoDates(client: pg.ClientBase): unknown {
  return client.query(ISO_DATES);
}
