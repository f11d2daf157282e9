/** A login of Postgres with the rights that docs/operations.md gives whoever purges and erases, and no others. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { roleName } from '../../../apps/persister/src/roster-store/migrations/roles.js';
import type { Ground } from './ground.js';

export interface Login {
  readonly url: string;
  /** Before the namespace is wiped. */
  readonly remove: () => Promise<void>;
}

export async function purgeLogin({ namespace, urls }: Ground): Promise<Login> {
  const name = `${namespace}_operator`;
  const password = randomBytes(12).toString('hex');
  const role = roleName(namespace, 'purge');
  await query(
    urls.databaseUrl,
    `create role ${name} login password '${password}' in role ${role};
     grant usage on schema ledger to ${name};
     grant select, update on ledger.districts to ${name};
     grant select on ledger.runs to ${name}`,
  );
  const url = new URL(urls.databaseUrl);
  url.username = name;
  url.password = password;
  return {
    url: url.href,
    remove: () => query(urls.databaseUrl, `drop owned by ${name}; drop role ${name}`),
  };
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
