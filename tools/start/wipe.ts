/** Empties a namespace on servers given by URL; nothing of another namespace is touched. */
import pg from 'pg';
import { createClient } from 'redis';
import { topicSpecs } from '#contracts';
import { KafkaConnection, NamespaceWipe } from '#kafka';
import type { Infrastructure } from '../infrastructure/infrastructure.js';

const KEYS_AT_ONCE = 1_000;
const SCHEMAS = ['ledger', 'roster'];

export async function wipeNamespace(
  { kafkaBrokers, redisUrl, databaseUrl }: Pick<Infrastructure, 'kafkaBrokers' | 'redisUrl' | 'databaseUrl'>,
  namespace: string,
): Promise<void> {
  await Promise.all([
    wipeKafka(kafkaBrokers, namespace),
    wipeRedis(redisUrl, namespace),
    wipePostgres(databaseUrl),
  ]);
}

async function wipeKafka(kafkaBrokers: string, namespace: string): Promise<void> {
  const brokers = kafkaBrokers.split(',').map((broker) => broker.trim());
  const wipe = new NamespaceWipe(
    new KafkaConnection({ brokers, clientId: 'rollcall-start', log: () => undefined }),
  );
  const topics = topicSpecs(namespace, 1).map(({ topic }) => topic);
  await wipe.wipe({ topics, groupPrefix: `${namespace}.` });
}

async function wipeRedis(redisUrl: string, namespace: string): Promise<void> {
  const client = createClient({ url: redisUrl });
  client.on('error', () => undefined); // the commands reject with the same
  await client.connect();
  try {
    for await (const keys of client.scanIterator({ MATCH: `${namespace}:*`, COUNT: KEYS_AT_ONCE })) {
      if (keys.length > 0) await client.unlink(keys);
    }
  } finally {
    client.destroy();
  }
}

async function wipePostgres(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined); // a connection lost in mid-query rejects the query
  try {
    await client.connect();
    const schemas = SCHEMAS.map((schema) => pg.escapeIdentifier(schema)).join(', ');
    await client.query(`drop schema if exists ${schemas} cascade`);
  } finally {
    await client.end();
  }
}
