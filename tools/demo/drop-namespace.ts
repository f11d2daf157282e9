/** Removes a namespace that a telling has made on servers given by URL, its database too. */
import pg from 'pg';
import { dropRoles } from '../../apps/persister/src/roster-store/migrations/roles.js';
import type { Infrastructure } from '../infrastructure/infrastructure.js';
import { wipeNamespace } from '../start/wipe.js';

export async function dropNamespace(infrastructure: Infrastructure, namespace: string): Promise<void> {
  await wipeNamespace(infrastructure, namespace);
  const given = process.env.DATABASE_URL ?? infrastructure.databaseUrl;
  for (const database of [new URL(given).pathname, '/postgres']) {
    if (await dropFrom(database, infrastructure.databaseUrl, namespace)) return;
  }
}

/** Whether one could connect there. */
async function dropFrom(database: string, url: string, namespace: string): Promise<boolean> {
  const from = new URL(url);
  from.pathname = database;
  const client = new pg.Client({ connectionString: from.href });
  client.on('error', () => undefined); // a connection lost in mid-query rejects the query
  try {
    await client.connect();
    await client.query(`drop database if exists ${pg.escapeIdentifier(namespace)}`);
    await client.query(dropRoles(namespace));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '3D000') return false; // no such database to connect to
    throw error;
  } finally {
    await client.end();
  }
}
