import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { createClient } from 'redis';
import type { LosableIndex } from '../../test/rebuild.ground.js';
import { promiseRebuild } from '../../test/rebuild.promises.js';
import { RedisRosterIndex } from './redis.roster-index.js';

const url = process.env['REDIS_URL'] ?? '';
const client = createClient({ url });
const specPrefix = `spec_${randomUUID().slice(0, 8)}_`;

beforeAll(async () => {
  if (url === '') throw new Error('REDIS_URL names no Redis for this spec.');
  client.on('error', () => undefined);
  await client.connect();
});

afterAll(async () => {
  await losing(specPrefix);
  await client.close();
});

describe('a rebuild into Redis', () =>
  promiseRebuild(async (): Promise<LosableIndex> => {
    const ns = `${specPrefix}${randomUUID().slice(0, 8)}`;
    return {
      index: new RedisRosterIndex(client as never, ns),
      flush: () => losing(`${ns}:`),
      save: async () => {
        for (const key of await client.keys(`${ns}:*`)) await client.copy(key, `${ns}_saved:${key}`);
        return async () => {
          await losing(`${ns}:`);
          const prefix = `${ns}_saved:`;
          for (const key of await client.keys(`${prefix}*`)) await client.copy(key, key.slice(prefix.length));
        };
      },
    };
  }));

async function losing(prefix: string): Promise<void> {
  const keys = await client.keys(`${prefix}*`);
  if (keys.length > 0) await client.unlink(keys);
}
