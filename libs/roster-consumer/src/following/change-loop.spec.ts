import { describe, expect, it } from '@jest/globals';
import { MemoryChangeLog } from '../../test/memory.change-log.js';
import { MemoryRosterStore } from '../../test/memory.roster-store.js';
import {
  digestOf,
  encodeSample,
  encodeSampleWatermark,
  type SampleChange,
} from '../../test/sample-changes.js';

const users = (...changes: SampleChange[]) => changes.map((change) => encodeSample('users', change));
const created = (id: string, generation: number): SampleChange => ({ verb: 'created', id, generation });
const watermark = (generation: number, changes: readonly SampleChange[]) =>
  encodeSampleWatermark('users', { generation, ...digestOf(changes) });

function open(store = new MemoryRosterStore()) {
  const log = new MemoryChangeLog(store);
  return { log, store, loop: log.loop() };
}

describe('a step of the persister', () => {
  it('stores, then reports what was passed, then commits', async () => {
    const { log, loop } = open();
    log.append(...users(created('a', 5)), watermark(5, [created('a', 5)]));
    await log.deliver(loop);
    expect(log.passed.map((name) => name.replace('persister.', ''))).toEqual([
      'before-store',
      'after-store',
      'before-report',
      'after-report',
      'before-commit',
      'after-commit',
    ]);
    expect(log.outlet.reports).toEqual([
      {
        kind: 'passed',
        districtId: 'district-1',
        generation: 5,
        entityType: 'users',
        partition: 0,
        epoch: 1,
      },
    ]);
    expect(log.committed).toBe(2n);
  });

  it('reports nothing when the store fails for a moment, and lets the error through unchanged', async () => {
    const { log, store } = open();
    const failure = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    log.append(...users(created('a', 5)), watermark(5, [created('a', 5)]));
    store.write = async () => {
      throw failure;
    };
    await expect(log.deliver(log.loop())).rejects.toBe(failure);
    expect([log.outlet.reports, log.committed]).toEqual([[], null]);
  });

  it('makes dead letters of refused records only, and stores all others in order', async () => {
    const { log, loop, store } = open(
      new MemoryRosterStore(({ event }) => event.subject.startsWith('poison')),
    );
    const ids = ['a', 'b', 'poison-1', 'c', 'd', 'e', 'poison-2', 'f'];
    log.append(...users(...ids.map((id) => created(id, 5))));
    const [applied] = await log.deliver(loop);
    expect([...store.rows('users')].map(({ gg4lId }) => gg4lId)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(log.outlet.letters.map(({ origin }) => origin.kind === 'message' && origin.offset)).toEqual([
      '2',
      '6',
    ]);
    expect(applied).toMatchObject({ written: 6, deadLetters: 2 });
  });

  it('makes dead letters of what it cannot read, and goes on', async () => {
    const { log, loop, store } = open();
    log.append(Buffer.from('{}'), ...users(created('a', 5)));
    await log.deliver(loop);
    expect(log.outlet.letters).toHaveLength(1);
    expect(store.row('users', 'district-1', 'a')).toBeDefined();
  });
});
