import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { MemoryRosterIndex } from '../../test/memory.roster-index.js';
import { promiseRosterIndex } from '../../test/roster-index.contract.js';
import type { Position } from '../reconciliation/index-state.js';
import { RedisRosterIndex } from './redis.roster-index.js';
import { requireDurableRedis, UnfitRedisError } from './redis-settings.js';

const url = process.env['REDIS_URL'] ?? '';
const client = createClient({ url });
const specPrefix = `spec_${randomUUID().slice(0, 8)}_`;
const START: Position = {
  epoch: 1,
  mode: 'follow',
  next: 0n,
  applyNext: '',
  fencedAt: 0n,
  fencedBy: 'author',
};

const ENTRY = {
  fingerprint: Buffer.alloc(16, 9),
  status: 'active',
  generation: 2,
  schoolHash: Buffer.alloc(8, 8),
  digests: Buffer.alloc(4, 7),
  archivedAtMs: 0,
} as const;

function freshNamespace(): string {
  return `${specPrefix}${randomUUID().slice(0, 8)}`;
}

beforeAll(async () => {
  if (url === '') throw new Error('REDIS_URL names no Redis for this spec.');
  client.on('error', () => undefined);
  await client.connect();
});

afterAll(async () => {
  const left = await client.keys(`${specPrefix}*`);
  if (left.length > 0) await client.unlink(left);
  await client.close();
});

describe('the index in memory', () => promiseRosterIndex(async () => new MemoryRosterIndex()));

describe('the index in Redis', () =>
  promiseRosterIndex(async () => new RedisRosterIndex(client as never, freshNamespace())));

describe('the index in Redis, seen from the server', () => {
  it('keeps everything under the names of the protocol', async () => {
    const ns = freshNamespace();
    const index = new RedisRosterIndex(client as never, ns);
    const marks = { generation: 2, types: [{ entityType: 'users', seen: ['a'], withdrawn: ['b'] }] } as const;
    const snapshot = { generation: 2, phase: 'planned', openedAt: '', refresh: [], types: {} } as const;
    await index.install(5, START, []);
    await index.write(5, START, START, [
      { districtId: 'd', snapshot, marks, digests: { users: { active: 1, xor: '00000000000000ff' } } },
      { districtId: 'd', entries: [{ entityType: 'users', entries: [{ gg4lId: 'c', entry: ENTRY }] }] },
    ]);
    await index.write(5, START, START, [
      { districtId: 'd', startSweep: { generation: 2, phase: 'planned', refresh: [], atMost: { users: 1 } } },
    ]);
    const of = (rest: string) => `${ns}:{5}:e1:d:${rest}`;
    const names = [
      'users:index',
      'users:active',
      'users:seen:2',
      'users:withdrawn:2',
      'users:stale:2',
      'snapshot',
      'digest',
    ];
    expect((await client.keys(`${ns}:*`)).sort()).toEqual([...names.map(of), `${ns}:{5}:position`].sort());
    expect(await client.hGetAll(`${ns}:{5}:position`)).toEqual({
      epoch: '1',
      mode: 'follow',
      next: '0',
      applyNext: '',
      fencedAt: '0',
      fencedBy: 'author',
    });
    expect(await client.hGetAll(of('digest'))).toEqual({
      'users.active': '1',
      'users.xor': '00000000000000ff',
    });
    expect(await client.hStrLen(of('users:index'), 'c')).toBe(39);
    expect(await client.sMembers(of('users:stale:2'))).toEqual(['c']);
  });

  it.each(['users:active', 'users:index', 'digest'])('tells that a district has lost its %s', async (key) => {
    const ns = freshNamespace();
    const index = new RedisRosterIndex(client as never, ns);
    await index.install(5, START, []);
    const digests = { users: { active: 1, xor: '00000000000000ff' } };
    const entries = [{ entityType: 'users' as const, entries: [{ gg4lId: 'c', entry: ENTRY }] }];
    await index.write(5, START, START, [{ districtId: 'd', digests, entries }]);
    expect((await index.read(5, ['d'], [])).incomplete).toEqual([]);
    await client.unlink(`${ns}:{5}:e1:d:${key}`);
    expect((await index.read(5, ['d'], [])).incomplete).toEqual(['d']);
  });

  it('reads entries of the first layout, and archives them in the second', async () => {
    const ns = freshNamespace();
    const index = new RedisRosterIndex(client as never, ns);
    await index.install(5, START, []);
    const old = Buffer.alloc(34, 1);
    old.writeBigUInt64BE(2n, 18);
    await client.hSet(`${ns}:{5}:e1:d:users:index`, 'old', old);
    const group = { districtId: 'd', entityType: 'users', generation: 3 } as const;
    const [of] = (await index.read(5, [], [{ ...group, gg4lIds: ['none', 'old'] }])).groups;
    expect(of?.entries).toEqual([null, expect.objectContaining({ generation: 2, archivedAtMs: 0 })]);
    const entry = of?.entries[1];
    if (entry == null) throw new Error('it is there');
    await client.sAdd(`${ns}:{5}:e1:d:users:stale:3`, 'old');
    const archived = { ...entry, status: 'archived', generation: 3, archivedAtMs: 7 } as const;
    const records = [{ gg4lId: 'old', entry: archived, term: Buffer.alloc(8) }];
    expect(await index.archive(5, START, { ...group, records })).toBe(1);
    const after = await index.read(5, [], [{ ...group, gg4lIds: ['old'] }]);
    expect(after.groups[0]?.entries).toEqual([archived]);
  });

  it('leaves no key of an unseen listing behind, also one given up half way', async () => {
    const ns = freshNamespace();
    const index = new RedisRosterIndex(client as never, ns);
    await index.install(5, START, []);
    const entry = {
      fingerprint: Buffer.alloc(16),
      status: 'active',
      generation: 2,
      schoolHash: Buffer.alloc(8),
      digests: Buffer.alloc(0),
      archivedAtMs: 0,
    } as const;
    const entries = Array.from({ length: 5_000 }, (_, i) => ({ gg4lId: String(i), entry }));
    await index.write(5, START, START, [{ districtId: 'd', entries: [{ entityType: 'users', entries }] }]);
    const listing = index.unseen(
      5,
      1,
      { districtId: 'd', entityType: 'users', generation: 2 },
      { seen: 0, withdrawn: 0 },
    );
    expect((await listing.next()).done).toBe(false);
    const [key = ''] = await client.keys(`${ns}:*unseen*`);
    expect(await client.pTTL(key)).toBeGreaterThan(0);
    await listing.return(undefined);
    expect(await client.keys(`${ns}:*unseen*`)).toEqual([]);
  });

  it('goes on after the server forgot its scripts', async () => {
    const index = new RedisRosterIndex(client as never, freshNamespace());
    await client.scriptFlush();
    expect(await index.install(5, START, [])).toBe(true);
    expect((await index.read(5, [], [])).position).toEqual(START);
  });

  it('throws an error of Redis unchanged', async () => {
    const ns = freshNamespace();
    await client.set(`${ns}:{5}:position`, 'no hash');
    await expect(new RedisRosterIndex(client as never, ns).read(5, [], [])).rejects.toThrow(/WRONGTYPE/);
  });
});

describe('starting', () => {
  it('connects by URL, answers a ping and closes', async () => {
    const index = new RedisRosterIndex(url, freshNamespace());
    await index.connect();
    await index.ping();
    await index.close();
    await expect(index.ping()).rejects.toThrow();
  });

  it.each([
    ['maxmemory-policy', 'allkeys-lru'],
    ['appendonly', 'no'],
  ])('refuses a server with %s %s', async (setting, found) => {
    const fit: Record<string, string> = {
      'maxmemory-policy': 'noeviction',
      appendonly: 'yes',
      [setting]: found,
    };
    const configGet = async (name: string) => ({ [name]: fit[name] ?? '' });
    const refused = requireDurableRedis({ configGet });
    await expect(refused).rejects.toThrow(UnfitRedisError);
    await expect(refused).rejects.toThrow(`${setting} ${found}`);
  });

  it('says so where CONFIG GET is forbidden', async () => {
    const user = freshNamespace();
    await client.sendCommand(['ACL', 'SETUSER', user, 'on', '>secret', '~*', '+@all', '-config']);
    const index = new RedisRosterIndex(
      Object.assign(new URL(url), { username: user, password: 'secret' }).toString(),
      user,
    );
    try {
      await expect(index.connect()).rejects.toThrow(/forbids CONFIG GET/);
    } finally {
      await index.close();
      await client.sendCommand(['ACL', 'DELUSER', user]);
    }
  });
});
