/*
 * Brings schema `roster` to this version, once whoever runs it and however often: every run takes the same advisory
 * lock, looks what is applied, and applies the rest, all in one transaction. Where nothing is missing it only reads, so
 * that a role without the right to change tables can start a service on a schema that is up to date.
 */
import pg from 'pg';
import { DEFINITIONS, digestOf, type Definition } from './migrations/definitions.js';
import { MIGRATIONS, type Migration } from './migrations/index.js';

const CONNECT_WITHIN_MS = 10_000;
/** An index of some millions of rows takes a minute. */
const STATEMENT_WITHIN = '10min';
const LOCK_WITHIN = '10s';
/** Whoever may create in schema public could put a function there that is taken for one of Postgres. */
const NOTHING_OF_OTHERS = 'set search_path = pg_catalog, pg_temp';
const NO_SUCH_DATABASE = '3D000';
const DATABASE_EXISTS = new Set(['42P04', '23505']);

const BOOKS = `
do $$ begin
  if to_regnamespace('roster') is null then create schema roster; end if;
end $$;
create table if not exists roster.migrations
  (version integer primary key, name text not null, applied_at timestamptz not null default now());
create table if not exists roster.definitions (name text primary key, digest text not null);
`;

/** What is in force; the column is younger than the table. */
const SAID = `select name, digest, coalesce((to_jsonb(d) ->> 'version')::integer, 0) as version
from roster.definitions d`;

interface Said {
  readonly name: string;
  readonly digest: string;
  readonly version: number;
}

interface Step {
  readonly name: string;
  readonly statements: string;
  /** Notes that it was applied; false if it took no effect. */
  readonly record: (client: pg.Client) => Promise<boolean>;
}

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

/** What is missing, found without a lock, a write, or the right to either: most starts find nothing. */
async function applyMissing(client: pg.Client): Promise<readonly string[]> {
  if ((await missing(client)).length === 0) return [];
  await client.query(`begin; set local statement_timeout = '${STATEMENT_WITHIN}'`);
  await client.query(`select pg_advisory_xact_lock(hashtextextended('rollcall roster migrations', 0))`);
  // From here on every wait is for a table that somebody writes to, and holds up whoever comes after.
  await client.query(`set local lock_timeout = '${LOCK_WITHIN}'`);
  await client.query(BOOKS);
  const applied: string[] = [];
  for (const { name, statements, record } of await missing(client)) {
    await client.query(statements);
    if (await record(client)) applied.push(name);
  }
  await client.query('commit');
  return applied;
}

async function missing(client: pg.Client): Promise<readonly Step[]> {
  const { rows } = await client.query<{ kept: boolean }>(
    `select to_regclass('roster.migrations') is not null and to_regclass('roster.definitions') is not null as kept`,
  );
  if (rows[0]?.kept !== true) return [...MIGRATIONS.map(migrationStep), ...DEFINITIONS.map(definitionStep)];
  const versions = await client.query<{ version: number }>('select version from roster.migrations');
  const applied = new Set(versions.rows.map(({ version }) => version));
  const found = await client.query<Said>(SAID);
  const said = new Map(found.rows.map((one) => [one.name, one]));
  const newest = Math.max(...MIGRATIONS.map(({ version }) => version));
  const isOvertaken = Math.max(0, ...applied) > newest;
  return [
    ...MIGRATIONS.filter(({ version }) => !applied.has(version)).map(migrationStep),
    ...DEFINITIONS.filter((one) => !isOvertaken && isDue(one, said.get(one.name))).map(definitionStep),
  ];
}

function isDue(definition: Definition, said: Said | undefined): boolean {
  if (said === undefined) return true;
  return said.version <= definition.version && said.digest !== digestOf(definition);
}

function migrationStep({ version, name, statements }: Migration): Step {
  const record = async (client: pg.Client): Promise<boolean> => {
    await client.query('insert into roster.migrations (version, name) values ($1, $2)', [version, name]);
    return true;
  };
  return { name, statements, record };
}

function definitionStep(definition: Definition): Step {
  const { name, version, statements, outcome } = definition;
  const record = async (client: pg.Client): Promise<boolean> => {
    const { rows } = await client.query<{ done: boolean }>(outcome);
    if (rows[0]?.done !== true) return false;
    await client.query(
      `insert into roster.definitions (name, digest, version) values ($1, $2, $3)
       on conflict (name) do update set digest = excluded.digest, version = excluded.version`,
      [name, digestOf(definition), version],
    );
    return true;
  };
  return { name, statements, record };
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
    await client.query(NOTHING_OF_OTHERS);
    return await use(client);
  } finally {
    if (lost === undefined) await client.end();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
