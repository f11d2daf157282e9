import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { ENTITY_TYPES } from '#contracts';
import type { Position } from '../reconciliation/index-state.js';
import { RedisRosterIndex } from './redis.roster-index.js';

const url = process.env['REDIS_URL'] ?? '';
const client = createClient({ url });
const specPrefix = `spec_${randomUUID().slice(0, 8)}_`;
const P = 5;
const NONE = { active: 0, xor: '0000000000000000' };
const ARCHIVED = {
  fingerprint: Buffer.alloc(16, 9),
  status: 'archived',
  generation: 2,
  schoolHash: Buffer.alloc(8, 8),
  digests: Buffer.alloc(4, 7),
  archivedAtMs: 7,
} as const;

let ns = '';
let index: RedisRosterIndex;

beforeAll(async () => {
  if (url === '') throw new Error('REDIS_URL names no Redis for this spec.');
  client.on('error', () => undefined);
  await client.connect();
});

beforeEach(() => {
  ns = `${specPrefix}${randomUUID().slice(0, 8)}`;
  index = new RedisRosterIndex(client as never, ns);
});

afterAll(async () => {
  const left = await client.keys(`${specPrefix}*`);
  if (left.length > 0) await client.unlink(left);
  await client.close();
});

const placedAt = (epoch: number): Position => ({
  epoch,
  mode: 'follow',
  next: 1n,
  applyNext: '',
  fencedAt: 0n,
  fencedBy: 'author',
});

function load(epoch: number, gg4lIds: readonly string[], { first = true, districtId = 'd' } = {}) {
  const entries = gg4lIds.map((gg4lId) => ({ gg4lId, entry: ARCHIVED }));
  return index.load(P, epoch, districtId, 'users', entries, { first, digest: NONE });
}

describe('an epoch in Redis', () => {
  it('is installed with thousands of districts, also where the server forgot its scripts', async () => {
    const sums = ENTITY_TYPES.flatMap((type) => [`${type}.active`, '0', `${type}.xor`, NONE.xor]);
    const districts = Array.from({ length: 3_000 }, (_, i) => `district-${String(i)}`);
    for (let i = 0; i < districts.length; i += 500) {
      const some = districts.slice(i, i + 500);
      await Promise.all(some.map((districtId) => client.hSet(`${ns}:{5}:e1:${districtId}:digest`, sums)));
    }
    const loaded = districts.flatMap((districtId) =>
      ENTITY_TYPES.map((entityType) => ({ districtId, entityType, ids: 0, digest: NONE })),
    );
    const [last] = loaded.slice(-1);
    if (last === undefined) throw new Error('there are thousands');
    await client.scriptFlush();
    expect(await index.install(P, placedAt(1), [...loaded.slice(0, -1), { ...last, ids: 1 }])).toBe(false);
    expect(await index.install(P, placedAt(1), loaded)).toBe(true);
    expect((await index.read(P, [], [])).position).toEqual(placedAt(1));
  });

  it('begins with removing what rebuilds that did not come to their end have left', async () => {
    await load(2, ['a', 'b']);
    await load(2, ['c'], { districtId: 'other' });
    await load(3, ['a']);
    // More than one call of SCAN looks at.
    const old = Array.from({ length: 5_000 }, (_, i) => `${ns}:{5}:e3:${String(i)}:snapshot`);
    for (let i = 0; i < old.length; i += 500)
      await Promise.all(old.slice(i, i + 500).map((key) => client.hSet(key, 'state', '{}')));
    await load(4, ['a']);
    const of = (rest: string) => `${ns}:{5}:e4:d:${rest}`;
    expect((await client.keys(`${ns}:*`)).sort()).toEqual([of('digest'), of('users:index')]);
  });

  it('is looked for room once only', async () => {
    await load(4, ['a']);
    const late = `${ns}:{5}:e3:d:digest`;
    await client.hSet(late, 'users.active', '0');
    await load(4, ['b'], { first: false });
    expect(await client.exists(late)).toBe(1);
    await load(5, ['a']);
    expect(await client.exists(late)).toBe(0);
  });

  it('is refused by a server without room, and nothing of it is written or removed', async () => {
    await load(4, ['a', 'b']);
    const before = await everything();
    await Promise.all([
      // In one go, so that no other client meets a server that is full.
      client.configSet('maxmemory', '1'),
      expect(load(4, ['c'])).rejects.toThrow(/OOM/),
      client.configSet('maxmemory', '0'),
    ]);
    expect(await everything()).toEqual(before);
    await load(4, ['c']);
    expect(Object.keys(await client.hGetAll(`${ns}:{5}:e4:d:users:index`))).toEqual(['c']);
  });

  async function everything(): Promise<unknown> {
    const keys = (await client.keys(`${ns}:*`)).sort();
    return Promise.all(keys.map(async (key) => [key, await client.hGetAll(key)]));
  }
});
