import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf, encodeSampleWatermark } from '../../libs/roster-consumer/test/sample-changes.js';
import { created } from '../../libs/roster-consumer/test/sample-log.js';
import { PARTITIONS, SampleTopics } from '../../libs/roster-consumer/test/sample-topics.js';
import { isComplete, RosterCopies } from './roster-copies.js';

const copies = new RosterCopies();
let topics: SampleTopics;

beforeAll(() => copies.open(), 240_000);
beforeEach(async () => {
  topics = await new SampleTopics().create();
});
afterEach(async () => {
  await copies.stop();
  await topics.close();
});
afterAll(() => {
  copies.close();
});

const people = (count: number, generation: number, prefix = 'u') =>
  Array.from({ length: count }, (_, at) => created(`${prefix}-${at}`, generation));
const start = (name: string) => copies.start(name, '--types', 'users', '--namespace', topics.namespace);

describe('topics made anew, under a consumer in Python that keeps its copy', () => {
  async function keepCopy(name: string): Promise<void> {
    await topics.completedRun(5, { users: people(20, 5) });
    for (let partition = 0; partition < PARTITIONS; partition += 1) await topics.fence('users', partition, 2);
    const before = start(name);
    await before.until('complete up to 5', isComplete({ 'district-1': 5 }));
    await before.stop();
    await topics.makeAnew();
  }

  it.each([
    ['longer than the old ones', 'longer', 90, /fence of epoch 2 is not at its offset/],
    ['shorter than the old ones', 'shorter', 1, /but ends at/],
  ])('stop it with the next step where they are %s', async (_, name, count, said) => {
    await keepCopy(name);
    await topics.completedRun(6, { users: people(count, 6, 'n') });
    const after = start(name);
    expect(await after.ended()).toBe(1);
    expect(after.stderr).toMatch(said);
    expect(after.stderr).toMatch(/begin with an empty database/);
    expect([after.lines, copies.copyIn(name).length]).toEqual([[], 20]);
  });
});

describe('a consumer in Python', () => {
  it('passes over events of a type that came later, however many, and goes on', async () => {
    const merged = Buffer.from('{"specversion":"1.0","type":"roster.users.merged","source":"/districts/d"}');
    for (let at = 0; at < 30; at += 1) await topics.raw('users', 0, 'd/users/u', merged);
    await topics.raw(
      'users',
      0,
      'd/users/u',
      Buffer.from('{"specversion":"2.0","type":"roster.users.merged"}'),
    );
    await topics.completedRun(5, { users: people(20, 5) });
    const example = start('later');
    await example.until('complete up to 5', isComplete({ 'district-1': 5 }));
    const counted = ['passedOver', 'unreadable'].map(
      (name) => example.lines.filter((line) => name in line).length,
    );
    expect([...counted, copies.copyIn('later').length]).toEqual([30, 1, 20]);
  });

  it('is not complete up to a watermark that differs before it has read again', async () => {
    await topics.completedRun(5, { users: people(20, 5) });
    const example = start('differs');
    await example.until('complete up to 5', isComplete({ 'district-1': 5 }));
    for (const partition of [1, 2])
      await topics.raw('users', partition, '!watermark/district-1', watermark(partition));
    const wrong = encodeSampleWatermark('users', { generation: 6, partition: 0, active: 99 });
    await topics.raw('users', 0, '!watermark/district-1', wrong);
    await example.until('complete up to 6', isComplete({ 'district-1': 6 }));
    const complete = example.lines.findIndex((line) => isComplete({ 'district-1': 6 })([line]));
    const differs = example.lines.flatMap((line, at) =>
      line['verdict'] === 'differs' ? [[line['again'], at]] : [],
    );
    expect(differs.map(([again]) => again)).toEqual([false, true]);
    expect(Number(differs[1]?.[1])).toBeLessThan(complete);
  });
});

function watermark(partition: number): Buffer {
  return encodeSampleWatermark('users', {
    ...{ generation: 6, partition },
    ...digestOf(topics.holds('users', partition)),
  });
}
