import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeKey, ENTITY_TYPES, type EntityType } from '#contracts';
import { createClient } from 'redis';
import { keptIn, type Trace } from './canary/traces.js';
import { run, runAs, runWith, type Command } from './support/commands.js';
import { Ground } from './support/ground.js';
import { purgeLogin, type Login } from './support/purge-login.js';
import { PARTITIONS } from './support/topics.js';

const MARK = 'Quillfeather';

let ground: Ground;
let districtId: string;
let userId: string;
let relativeId: string;
let seats: readonly string[];
let login: Login | undefined;

/** A teacher whom a student's record names. */
beforeAll(async () => {
  ground = await Ground.open('retention', ['--districts', '2']);
  await ground.startServices();
  districtId = await ground.firstDistrict();
  const enrollments = await ground.sandbox.shared(districtId, 'enrollments');
  const seat = enrollments.find(({ role }) => role === 'teacher');
  userId = String(seat?.['user']);
  seats = enrollments.filter(({ user }) => user === userId).map(({ sourcedId }) => sourcedId);
  const attributes = { familyName: MARK, email: `${MARK}@school.example` };
  relativeId = String(enrollments.find(({ role }) => role === 'student')?.['user']);
  const agents = [userId];
  await ground.sandbox.edit(districtId, [
    { verb: 'edit', type: 'users', sourcedId: userId, attributes },
    { verb: 'edit', type: 'users', sourcedId: relativeId, attributes: { agents } },
  ]);
  expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
  const poison = Buffer.from(`{"subject":"${userId}","familyName":"${MARK}"`);
  await ground.topics.spoil(ground.topics.names.changes.users, 0, poison);
  await ground.fleet.until('the letter that names them is kept', async () => {
    return (await ground.rows.deadLetters()).length === 1;
  });
  login = await purgeLogin(ground);
});
afterAll(async () => {
  await login?.remove();
  await ground.close();
});

/** With no other rights than a login of the purge role has. */
const erase = (...args: readonly string[]) =>
  runAs(urlOf(login), ground, 'erase', '--district', districtId, '--user', userId, ...args);

function urlOf(of: Login | undefined): string {
  if (of === undefined) throw new Error('there is no login of the purge role');
  return of.url;
}

async function traces(): Promise<readonly Trace[]> {
  return [...(await keptIn(ground, 'roster')), ...(await keptIn(ground, 'ledger'))];
}

/** Bytes are shown in hex. */
async function placesThatName(...names: readonly string[]): Promise<readonly string[]> {
  const marks = names.flatMap((name) => [name, Buffer.from(name).toString('hex')]);
  const found = (await traces()).filter(({ text }) => marks.some((mark) => text.includes(mark)));
  return found.map(({ place }) => place);
}

async function agentsOf(gg4lId: string): Promise<unknown> {
  return (await ground.rows.one(districtId, 'users', gg4lId))?.['agents'];
}

/** Values under the key of a record, in the order of the topic; null is a tombstone. */
async function valuesOf(type: EntityType, gg4lId: string): Promise<readonly (Buffer | null)[]> {
  return (await ground.topics.valuesOf(type)).get(changeKey(districtId, type, gg4lId)) ?? [];
}

/** Each case goes on from the one before. */
describe('a person who is erased while the district shares them', () => {
  it('is gone everywhere, and the receipt names nobody', async () => {
    expect(await placesThatName(MARK)).toEqual(
      expect.arrayContaining(['roster.users', 'roster.dead_letters']),
    );
    const { code, stdout } = await erase();
    expect(code).toBe(0);
    const receipt = JSON.parse(stdout) as { complete: boolean; deadLetters: number; records: object[] };
    expect(receipt).toMatchObject({
      complete: true,
      deadLetters: 1,
      fromNowOn: 'left out of every snapshot until released',
    });
    expect(receipt.records).toHaveLength(seats.length + 2);
    expect(stdout).not.toContain(MARK);
    expect(await placesThatName(MARK)).toEqual([]);
    expect((await valuesOf('users', userId)).at(-1)).toBeNull();
    for (const seat of seats) expect((await valuesOf('enrollments', seat)).at(-1)).toBeNull();
  });

  it('is not brought back by the next snapshot, which neither misses nor doubts anything', async () => {
    const values = (await valuesOf('users', userId)).length;
    const next = await ground.coordinator.runToEnd(districtId);
    expect(next).toMatchObject({ state: 'completed', guard: [] });
    expect(next.proof.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(next.found.erased).toMatchObject({ users: 1, enrollments: seats.length });
    for (const type of ENTITY_TYPES)
      expect([type, next.types[type]?.created, next.types[type]?.archived]).toEqual([type, 0, 0]);
    expect(next.types.users?.updated).toBe(1); // the relative's record names them no more
    expect(await agentsOf(relativeId)).toBeNull();
    expect(await placesThatName(MARK, `"${userId}"`)).toEqual([]);
    expect(await valuesOf('users', userId)).toHaveLength(values);
  });

  it('is not brought back by a replay, and every copy is proven equal', async () => {
    const replayed = await run(ground, 'replay');
    expect([replayed.code, replayed.stderr]).toEqual([0, '']);
    expect(await placesThatName(MARK, `"${userId}"`)).toEqual([]);
    expect(await run(ground, 'verify', '--deep')).toMatchObject({ code: 0 });
    expect(ground.fleet.running('persister')).toHaveLength(1);
  });

  it('is somebody: of an id that nobody has it is said that it was not found', async () => {
    const mistyped = ['--district', districtId, '--user', `${userId}-mistyped`];
    const { code, stdout, stderr } = await runAs(urlOf(login), ground, 'erase', ...mistyped);
    expect([code, stdout.match(/"not found"/g)?.length]).toEqual([3, 2]);
    expect(stderr).toContain('neither rows, index, topics nor an earlier erasure know this id');
    expect(stderr).not.toContain(userId);
  });

  it('is created anew by the first snapshot after the release', async () => {
    const released = await erase('--release');
    expect(JSON.parse(released.stdout)).toEqual({ districtId, released: seats.length + 2 });
    const next = await ground.coordinator.runToEnd(districtId);
    expect(next).toMatchObject({ state: 'completed', guard: [] });
    expect(next.types.users).toMatchObject({ created: 1, restored: 0 });
    expect(next.types.enrollments).toMatchObject({ created: seats.length });
    expect((await ground.rows.one(districtId, 'users', userId))?.['family_name']).toBe(MARK);
    expect(await agentsOf(relativeId)).toEqual([userId]);
    await ground.expectEqual(districtId);
  });
});

/** Each case goes on from the one before. */
describe('a district that is purged whole', () => {
  let left: string;
  const purge = (...more: readonly string[]) =>
    runAs(urlOf(login), ground, 'purge', '--district', left, '--whole', ...more);
  const counts = async () =>
    Promise.all(ENTITY_TYPES.map(async (type) => (await ground.rows.of(left, type)).length));
  /** Keys in the index that carry its name. */
  async function indexKeys(): Promise<readonly string[]> {
    const client = createClient({ url: ground.urls.redisUrl });
    await client.connect();
    const keys = await client.keys(`${ground.namespace}:*:${left}:*`);
    client.destroy();
    return keys;
  }

  beforeAll(async () => {
    const [, second] = await ground.districtIds();
    left = second ?? '';
    expect((await ground.coordinator.runToEnd(left)).state).toBe('completed');
  });

  it('is none that is active, however often it is confirmed', async () => {
    const before = await counts();
    const refused = await purge('--confirm', left);
    expect([refused.code, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toContain('is not suspended: it is active');
    expect(await counts()).toEqual(before);
  });

  it('is none that was not confirmed: it only says what would go, and how', async () => {
    await ground.sandbox.standing(left, 'removed');
    await ground.coordinator.runToEnd(districtId); // looks at Discovery
    expect((await ground.coordinator.district(left)).state).toBe('suspended');
    const before = await counts();
    const told = await purge();
    expect([told.code, told.stdout]).toEqual([2, '']);
    expect(told.stderr).toMatch(/gone from Discovery.*: \d+ orgs, .*--confirm/s);
    expect((await purge('--confirm', districtId)).code).toBe(64);
    expect(await counts()).toEqual(before);
  });

  it('leaves nothing in tables, index and topics, and every other district as it was', async () => {
    const before = await counts();
    const purged = await purge('--confirm', left);
    expect(purged.code).toBe(0);
    const removed = Object.fromEntries(ENTITY_TYPES.map((type, at) => [type, before[at]]));
    expect(JSON.parse(purged.stdout)).toEqual({ districtId: left, whole: true, removed, done: true });
    const mentions = (await keptIn(ground, 'roster')).filter(({ text }) => text.includes(left));
    expect(mentions).toEqual([]);
    expect(await indexKeys()).toEqual([]);
    for (const type of ENTITY_TYPES)
      for (const [key, values] of await ground.topics.valuesOf(type))
        if (key.includes(left)) expect([key, values.at(-1)]).toEqual([key, null]);
    await ground.expectEqual(districtId);
    expect((await run(ground, 'verify', '--deep')).code).toBe(0);
  });

  it('is not brought back by a replay; purged again there is nothing to remove', async () => {
    expect((await run(ground, 'replay')).code).toBe(0);
    expect((await counts()).every((count) => count === 0)).toBe(true);
    expect(await ground.rows.of(left, 'users')).toEqual([]);
    const again = await purge('--confirm', left);
    expect([again.code, JSON.parse(again.stdout)]).toEqual([
      ...[0, { districtId: left, whole: true, removed: {}, done: true }],
    ]);
    expect((await keptIn(ground, 'roster')).filter(({ text }) => text.includes(left))).toEqual([]);
  });

  it('is created anew if it ever comes back', async () => {
    await ground.sandbox.standing(left, 'connected');
    const back = await ground.coordinator.runToEnd(left);
    expect(back).toMatchObject({ state: 'completed', guard: [] });
    expect(back.types.users).toMatchObject({ restored: 0, updated: 0, archived: 0 });
    await ground.expectEqual(left);
    expect((await run(ground, 'verify', '--deep')).code).toBe(0);
  });
});

describe('with another number of partitions than the topics have', () => {
  const commands: readonly (readonly [Command, ...string[]])[] = [
    ['verify', '--deep', '--repair'],
    ['replay'],
    ['purge', '--older-than', '0d'],
    ['erase', '--district', 'any', '--user', 'any'],
  ];
  it.each(commands)('%s does nothing, and says what is wrong', async (command, ...args) => {
    const before = await ground.rows.of(districtId, 'users');
    const ran = await runWith({ ROLLCALL_PARTITIONS: '12' }, ground, command, ...args);
    expect([ran.code, ran.stdout]).toEqual([78, '']);
    expect(ran.stderr).toContain(`ROLLCALL_PARTITIONS is 12, but topic ${ground.namespace}.r`);
    expect(ran.stderr).toContain(`has ${PARTITIONS} partitions: set it as the services have it`);
    expect(await ground.rows.of(districtId, 'users')).toEqual(before);
  });
});
