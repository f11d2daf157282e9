import { Injectable, Optional, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Health, ServiceLog } from '#service';
import pg from 'pg';
import { PersisterConfig } from '../persister.config.js';
import { migrate, namespaceUrl } from './migrate.js';

const CONNECT_WITHIN_MS = 10_000;
const STATEMENT_WITHIN_MS = 30_000;
/** A server or network that says nothing for so long is taken for gone. */
const ANSWERS_WITHIN_MS = STATEMENT_WITHIN_MS + 5_000;
/** Who stands still in a transaction loses it, before Kafka gives its partitions to another, who needs the same rows. */
const IDLE_WITHIN_MS = 8_000;
/** Transactions at once; more would only wait for the server's cores. */
export const MAX_CONNECTIONS = 4;

/**
 * The same statements run for ever on tables that start empty: a plan made then must not be a scan, and looking up
 * each row by its key is right at any size.
 */
const BEGIN = `begin; set local plan_cache_mode = force_generic_plan;
set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off`;

/** How dates are written, whatever server, database or role say: as they are compared, and as pg reads them. */
const ISO_DATES = `set datestyle to 'ISO, MDY'`;

/** Statements run on this. */
export type Statements = Pick<pg.PoolClient, 'query'>;

/** The connections to the namespace's database, migrated and open from the module's start to its end. */
@Injectable()
export class RosterDatabase implements OnModuleInit, OnApplicationShutdown {
  private readonly pool: pg.Pool;

  constructor(
    private readonly config: PersisterConfig,
    private readonly log: ServiceLog,
    health: Health,
    @Optional() answersWithinMs = ANSWERS_WITHIN_MS,
    @Optional() private readonly idleWithinMs = IDLE_WITHIN_MS,
  ) {
    this.pool = new pg.Pool({
      connectionString: namespaceUrl(config.DATABASE_URL, config.ROLLCALL_NAMESPACE),
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      statement_timeout: STATEMENT_WITHIN_MS,
      query_timeout: answersWithinMs,
      keepAlive: true,
      application_name: 'rollcall persister',
      onConnect: writeIsoDates,
    });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    this.pool.on('error', (error) => this.log.warn('database-connection-lost', { error }));
    health.register('database', async () => {
      await this.pool.query('select 1');
    });
  }

  async onModuleInit(): Promise<void> {
    const applied = await migrate(this.config.DATABASE_URL, this.config.ROLLCALL_NAMESPACE);
    if (applied.length > 0) this.log.info('migrated', { schema: 'roster', applied });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  /** One statement that only reads; a plan is made for these values. */
  async read<R extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<readonly R[]> {
    const { rows } = await this.pool.query<R>(text, [...values]);
    return rows;
  }

  /** `first`: a statement sent along with the beginning. */
  async transaction<T>(body: (statements: Statements) => Promise<T>, first = ''): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    // The pool listens to idle connections only. What breaks one in use also fails the statement that waits on it.
    const notice = (error: Error): void => {
      broken = error;
    };
    client.on('error', notice);
    try {
      const idle = `set local idle_in_transaction_session_timeout = ${this.idleWithinMs}`;
      await client.query(`${BEGIN}; ${idle}; ${first}`);
      const result = await body(client);
      await client.query('commit');
      return result;
    } catch (error) {
      // On a connection that says nothing a rollback would wait as long again: it is closed instead.
      if (isUnanswered(error)) notice(error);
      else await client.query('rollback').catch(notice);
      throw error;
    } finally {
      client.off('error', notice);
      client.release(broken);
    }
  }
}

function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** The pool waits for what this gives before it hands the connection out. */
function writeIsoDates(client: pg.ClientBase): unknown {
  return client.query(ISO_DATES);
}
