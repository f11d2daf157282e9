import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeKey, ENTITY_TYPES, partitionOf, recordHash, type EntityType } from '#contracts';
import { LogReader } from '#kafka';
import { keptIn, type Trace } from './canary/traces.js';
import { run } from './support/commands.js';
import { Ground } from './support/ground.js';
import { PARTITIONS } from './support/topics.js';

const MARK = 'Quillfeather';

let ground: Ground;
let districtId: string;
let userId: string;
let seats: readonly string[];

/** A teacher: no relative's record names them. */
beforeAll(async () => {
  ground = await Ground.open('retention', ['--districts', '2']);
  await ground.startServices();
  districtId = await ground.firstDistrict();
  const enrollments = await ground.sandbox.shared(districtId, 'enrollments');
  const seat = enrollments.find(({ role }) => role === 'teacher');
  userId = String(seat?.['user']);
  seats = enrollments.filter(({ user }) => user === userId).map(({ sourcedId }) => sourcedId);
  const attributes = { familyName: MARK, email: `${MARK}@school.example` };
  await ground.sandbox.edit(districtId, [{ verb: 'edit', type: 'users', sourcedId: userId, attributes }]);
  expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
  const poison = Buffer.from(`{"subject":"${userId}","familyName":"${MARK}"`);
  await ground.topics.spoil(ground.topics.names.changes.users, 0, poison);
  await ground.fleet.until('the letter that names them is kept', async () => {
    return (await ground.rows.deadLetters()).length === 1;
  });
});
afterAll(() => ground.close());

async function traces(): Promise<readonly Trace[]> {
  return [...(await keptIn(ground, 'roster')), ...(await keptIn(ground, 'ledger'))];
}

/** Bytes are shown in hex. */
async function placesThatName(...names: readonly string[]): Promise<readonly string[]> {
  const marks = names.flatMap((name) => [name, Buffer.from(name).toString('hex')]);
  const found = (await traces()).filter(({ text }) => marks.some((mark) => text.includes(mark)));
  return found.map(({ place }) => place);
}

/** Values under the key of a record, in the order of the topic; null is a tombstone. */
async function valuesOf(type: EntityType, gg4lId: string): Promise<readonly (Buffer | null)[]> {
  const reader = new LogReader(ground.topics.connection);
  const topic = ground.topics.names.changes[type];
  const partition = partitionOf(recordHash(districtId, type, gg4lId), PARTITIONS);
  const values: (Buffer | null)[] = [];
  try {
    const { start, end } = await reader.ends(topic, partition);
    for await (const messages of reader.read(topic, partition, start, end))
      for (const { key, value } of messages)
        if (key?.toString() === changeKey(districtId, type, gg4lId)) values.push(value);
  } finally {
    await reader.close();
  }
  return values;
}

/** Each case goes on from the one before. */
describe('a person who is erased while the district shares them', () => {
  it('is gone everywhere, and the receipt names nobody', async () => {
    expect(await placesThatName(MARK)).toEqual(
      expect.arrayContaining(['roster.users', 'roster.dead_letters']),
    );
    const { code, stdout } = await run(ground, 'erase', '--district', districtId, '--user', userId);
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

  it('is created anew by the first snapshot after the release', async () => {
    const released = await run(ground, 'erase', '--district', districtId, '--user', userId, '--release');
    expect(JSON.parse(released.stdout)).toEqual({ districtId, released: seats.length + 2 });
    const next = await ground.coordinator.runToEnd(districtId);
    expect(next).toMatchObject({ state: 'completed', guard: [] });
    expect(next.types.users).toMatchObject({ created: 1, restored: 0 });
    expect(next.types.enrollments).toMatchObject({ created: seats.length });
    expect((await ground.rows.one(districtId, 'users', userId))?.['family_name']).toBe(MARK);
    await ground.expectEqual(districtId);
  });
});
