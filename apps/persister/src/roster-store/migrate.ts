/*
 * Brings schema `roster` to this version, once whoever runs it and however often: every run takes the same advisory
 * lock, looks what is applied, and applies the rest, all in one transaction.
 */
import pg from 'pg';
import { MIGRATIONS } from './migrations/index.js';

const CONNECT_WITHIN_MS = 10_000;
const NO_SUCH_DATABASE = '3D000';
const DATABASE_EXISTS = new Set(['42P04', '23505']);

/** URL of the namespace's database on the server of `databaseUrl`. */
export function namespaceUrl(databaseUrl: string, namespace: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${namespace}`;
  return url.href;
}

/** Creates the namespace's database if it is missing, then migrates it. Gives the names of what was applied. */
export async function migrate(databaseUrl: string, namespace: string): Promise<readonly string[]> {
  const url = namespaceUrl(databaseUrl, namespace);
  try {
    return await withClient(url, applyMissing);
  } catch (error) {
    if (codeOf(error) !== NO_SUCH_DATABASE) throw error;
  }
  await createDatabase(databaseUrl, namespace);
  return withClient(url, applyMissing);
}

async function applyMissing(client: pg.Client): Promise<readonly string[]> {
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(hashtextextended('rollcall roster migrations', 0))`);
  await client.query('create schema if not exists roster');
  await client.query(`create table if not exists roster.migrations
    (version integer primary key, name text not null, applied_at timestamptz not null default now())`);
  const { rows } = await client.query<{ version: number }>('select version from roster.migrations');
  const applied = new Set(rows.map(({ version }) => version));
  const missing = MIGRATIONS.filter(({ version }) => !applied.has(version));
  for (const { version, name, statements } of missing) {
    await client.query(statements);
    await client.query('insert into roster.migrations (version, name) values ($1, $2)', [version, name]);
  }
  await client.query('commit');
  return missing.map(({ name }) => name);
}

/** Through the database that `databaseUrl` names, or `postgres` if it names none or one that is not there. */
async function createDatabase(databaseUrl: string, namespace: string): Promise<void> {
  const named = new URL(databaseUrl).pathname.length > 1;
  try {
    await withClient(named ? databaseUrl : namespaceUrl(databaseUrl, 'postgres'), create);
  } catch (error) {
    if (!named || codeOf(error) !== NO_SUCH_DATABASE) throw error;
    await withClient(namespaceUrl(databaseUrl, 'postgres'), create);
  }

  async function create(client: pg.Client): Promise<void> {
    try {
      await client.query(`create database ${pg.escapeIdentifier(namespace)}`);
    } catch (error) {
      if (!DATABASE_EXISTS.has(codeOf(error) ?? '')) throw error;
    }
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  let lost: Error | undefined;
  // A connection that breaks between statements says so here; the next statement then fails with it.
  client.on('error', (error) => (lost = error));
  try {
    await client.connect();
    return await use(client);
  } finally {
    if (lost === undefined) await client.end();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
