import { randomBytes } from 'node:crypto';
import { Health, ServiceLog } from '#service';
import pg from 'pg';
import { PersisterConfig } from '../persister.config.js';
import { namespaceUrl } from './migrate.js';
import { dropRoles } from './migrations/roles.js';
import { RosterDatabase } from './roster-database.js';

/** A migrated database of its own for one spec, dropped when it is closed. */
export interface ScratchRoster {
  readonly database: RosterDatabase;
  readonly namespace: string;
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export function serverUrl(): string {
  const url = process.env['DATABASE_URL'];
  if (!url) throw new Error('DATABASE_URL must name a Postgres server to test with');
  return url;
}

export const openScratchRoster = (): Promise<ScratchRoster> => openRoster(scratchNamespace());

/** Of a namespace that may be there already. */
export async function openRoster(namespace: string): Promise<ScratchRoster> {
  const config = new PersisterConfig();
  config.DATABASE_URL = serverUrl();
  config.ROLLCALL_NAMESPACE = namespace;
  const database = new RosterDatabase(config, new ServiceLog('persister', 'error'), new Health());
  await database.onModuleInit();
  return {
    database,
    namespace,
    query: (text, values = []) =>
      database.transaction(async (statements) => {
        const { rows } = await statements.query<Record<string, unknown>>(text, [...values]);
        return rows;
      }),
    close: async () => {
      await database.onApplicationShutdown();
      await dropNamespace(namespace);
    },
  };
}

export function scratchNamespace(): string {
  return `spec_${randomBytes(6).toString('hex')}`;
}

export async function dropNamespace(namespace: string): Promise<void> {
  const client = new pg.Client({ connectionString: namespaceUrl(serverUrl(), 'postgres') });
  await client.connect();
  try {
    await client.query(`drop database if exists ${pg.escapeIdentifier(namespace)} with (force)`);
    await client.query(dropRoles(namespace));
  } finally {
    await client.end();
  }
}
