import { describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { sampleEntries, type SampleChange } from '../../test/sample-changes.js';
import { created } from '../../test/sample-log.js';
import { MemoryState } from '../handlers/memory.state.js';
import { Completeness, type Completed } from './completeness.js';
import { ParentsFirst } from './parents-first.js';
import { completeTo, parentsOf } from './progress.js';

const DISTRICT = 'district-1';
const line = (entityType: EntityType, partition: number, generation: number, districtId = DISTRICT) => ({
  districtId,
  entityType,
  partition,
  generation,
});
const TWO_TYPES = { classes: 2, users: 1 } as const;

describe('a district is complete', () => {
  it('up to the lowest generation that all partitions of all types have passed', () => {
    const lines = [line('classes', 0, 7), line('classes', 1, 5), line('users', 0, 6)];
    expect(completeTo(lines, ['classes', 'users'], TWO_TYPES)).toBe(5);
    expect(completeTo(lines, ['users'], TWO_TYPES)).toBe(6);
  });

  it('up to nothing while a partition has not passed any', () => {
    expect(completeTo([line('classes', 0, 7), line('users', 0, 6)], ['classes', 'users'], TWO_TYPES)).toBe(0);
  });

  it('is told once for each generation, and of each district for itself', async () => {
    const told: Completed[] = [];
    const completeness = new Completeness(new MemoryState(), TWO_TYPES, async (one) => void told.push(one));
    await completeness.pass([line('classes', 0, 5), line('users', 0, 5)]);
    await completeness.pass([line('users', 0, 5, 'other')]);
    expect(told).toEqual([]);
    await completeness.pass([line('classes', 1, 6)]);
    await completeness.pass([line('classes', 1, 6)]);
    expect(told).toEqual([{ districtId: DISTRICT, generation: 5 }]);
    await completeness.pass([line('classes', 0, 6), line('users', 0, 6)]);
    expect(told.slice(1)).toEqual([{ districtId: DISTRICT, generation: 6 }]);
  });

  it('is told again where telling failed', async () => {
    let calls = 0;
    const completeness = new Completeness(new MemoryState(), { users: 1 }, async () => {
      calls += 1;
      if (calls === 1) throw new Error('nobody listens');
    });
    await expect(completeness.pass([line('users', 0, 5)])).rejects.toThrow('nobody listens');
    await completeness.pass([line('users', 0, 5)]);
    expect(calls).toBe(2);
  });
});

describe('parents first', () => {
  const CLASS_PLACE = { topic: 'classes', entityType: 'classes', partition: 1 } as const;
  const USER_PLACE = { topic: 'users', entityType: 'users', partition: 0 } as const;
  const users = (...changes: SampleChange[]) => sampleEntries('users', changes);

  function gate(atMostMs?: number) {
    const progress = new MemoryState();
    const resumed: string[] = [];
    let now = 1_000;
    const parentsFirst = new ParentsFirst(progress, TWO_TYPES, {
      atMostMs,
      now: () => now,
      resume: ({ topic }) => resumed.push(topic),
    });
    const wait = (ms: number): void => void (now += ms);
    return { progress, resumed, wait, parentsFirst };
  }

  it('knows the types before it as parents, as far as they are read', () => {
    expect(parentsOf('enrollments', ['orgs', 'users', 'enrollments'])).toEqual(['orgs', 'users']);
    expect(parentsOf('orgs', ['orgs', 'users'])).toEqual([]);
  });

  it('lets a type without parents pass', async () => {
    const { parentsFirst } = gate();
    expect(await parentsFirst.admit(CLASS_PLACE, sampleEntries('classes', [created('c', 5)]))).toBe(1);
  });

  it('holds back a change until all partitions of its parents have passed its generation', async () => {
    const { parentsFirst, progress, resumed } = gate();
    const entries = users(created('a', 5));
    expect(await parentsFirst.admit(USER_PLACE, entries)).toBe(0);
    await progress.pass([line('classes', 0, 5), line('classes', 1, 4)]);
    await parentsFirst.look();
    expect([await parentsFirst.admit(USER_PLACE, entries), resumed]).toEqual([0, []]);
    await progress.pass([line('classes', 1, 5)]);
    await parentsFirst.look();
    expect([await parentsFirst.admit(USER_PLACE, entries), resumed]).toEqual([1, ['users']]);
  });

  it('hands out what lies before the first change that waits', async () => {
    const { parentsFirst, progress } = gate();
    await progress.pass([line('classes', 0, 5), line('classes', 1, 5)]);
    const entries = users(created('a', 5), created('b', 6), created('c', 5));
    expect(await parentsFirst.admit(USER_PLACE, entries)).toBe(1);
  });

  it('does not let another district’s parents count', async () => {
    const { parentsFirst, progress } = gate();
    await progress.pass([line('classes', 0, 5, 'other'), line('classes', 1, 5, 'other')]);
    expect(await parentsFirst.admit(USER_PLACE, users(created('a', 5)))).toBe(0);
  });

  it('waits no longer than it may', async () => {
    const { parentsFirst, resumed, wait } = gate(60_000);
    const entries = users(created('a', 5));
    expect(await parentsFirst.admit(USER_PLACE, entries)).toBe(0);
    wait(59_999);
    expect(await parentsFirst.admit(USER_PLACE, entries)).toBe(0);
    await parentsFirst.look();
    expect(resumed).toEqual([]);
    wait(1);
    await parentsFirst.look();
    expect([await parentsFirst.admit(USER_PLACE, entries), resumed]).toEqual([1, ['users']]);
  });
});
