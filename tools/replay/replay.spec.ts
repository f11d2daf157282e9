import { describe, expect, it } from '@jest/globals';
import { changeKey, watermarkKey } from '#contracts';
import type { LogMessage } from '#kafka';
import type { PassedWatermark } from '#roster-consumer';
import { MemoryRosterStore } from '../../libs/roster-consumer/test/memory.roster-store.js';
import {
  digestOf,
  encodeSample,
  encodeSampleWatermark,
} from '../../libs/roster-consumer/test/sample-changes.js';
import { created, updated } from '../../libs/roster-consumer/test/sample-log.js';
import { Replay } from './replay.js';

const PLACE = { topic: 'roster.users.v1', entityType: 'users', partition: 0 } as const;
const A = created('a', 5);
const B = created('b', 5);

/** A partition that is written to while it is read. */
class GrowingLog {
  readonly #messages: LogMessage[] = [];
  /** What comes while the first, second, … read is under way. */
  readonly meanwhile: Buffer[] = [];
  reads = 0;

  append(...values: readonly Buffer[]): this {
    for (const value of values) {
      this.#messages.push({ offset: BigInt(this.#messages.length), key: null, value, timestamp: 0 });
    }
    return this;
  }

  remove(...keys: readonly string[]): void {
    for (const key of keys) {
      const offset = BigInt(this.#messages.length);
      this.#messages.push({ offset, key: Buffer.from(key), value: null, timestamp: 0 });
    }
  }

  async ends() {
    return { start: 0n, end: BigInt(this.#messages.length) };
  }

  async *read(_topic: string, _partition: number, from: bigint, to: bigint) {
    this.reads += 1;
    const read = this.#messages.filter(({ offset }) => offset >= from && offset < to);
    const next = this.meanwhile.shift();
    if (next !== undefined) this.append(next);
    yield read;
  }
}

const change = (of: typeof A): Buffer => encodeSample('users', of);
const watermark = (generation: number, holds: readonly (typeof A)[]): Buffer =>
  encodeSampleWatermark('users', { generation, ...digestOf(holds) });

function replay(log: GrowingLog, store = new MemoryRosterStore()) {
  const pass = async (_: readonly PassedWatermark[]): Promise<void> => undefined;
  return new Replay(log, store, { pass }).run(PLACE);
}

describe('a replay of a topic that grows', () => {
  it('is not equal where rows differ, though something came while it was read', async () => {
    const log = new GrowingLog().append(change(A), watermark(5, [A, B]));
    log.meanwhile.push(change(updated('a', 4, { district: 'district-2' })));
    expect((await replay(log)).drifted).toEqual(['district-1']);
    expect(log.reads).toBe(2);
  });

  it('is not equal where each read is outrun by a change, so that nothing could be compared again', async () => {
    const log = new GrowingLog().append(change(A), watermark(5, [A, B]));
    log.meanwhile.push(change(updated('a', 6)));
    expect((await replay(log)).drifted).toEqual(['district-1']);
  });

  it('is equal once a second read finds what the first one missed', async () => {
    const log = new GrowingLog().append(change(A), change(B), watermark(5, [A, B]));
    log.meanwhile.push(change(created('z', 5, { district: 'district-2' })));
    const store = new MemoryRosterStore();
    const digest = store.digest.bind(store);
    store.digest = async (...of) => {
      if (log.reads === 1) store.lose('users', 'district-1', 'b');
      return digest(...of);
    };
    const replayed = await replay(log, store);
    expect([replayed.drifted, log.reads]).toEqual([[], 2]);
  });

  it('stays unequal for a district whose drift has survived, when another is read again', async () => {
    const log = new GrowingLog().append(change(A), watermark(5, [A, B]));
    log.meanwhile.push(
      encodeSampleWatermark('users', {
        generation: 5,
        district: 'district-2',
        active: 1,
        xor: '1'.repeat(16),
      }),
    );
    expect((await replay(log)).drifted).toEqual(['district-1', 'district-2']);
  });

  it('names a district whose last watermark is followed by a change: nothing is known of it', async () => {
    const log = new GrowingLog().append(change(A), watermark(5, [A, B]), change(created('c', 6)));
    expect(await replay(log)).toMatchObject({ drifted: [], uncompared: ['district-1'] });
  });

  it('names a district that has no watermark, beside one that is equal', async () => {
    const log = new GrowingLog().append(change(A), change(created('z', 5, { district: 'district-2' })));
    log.append(watermark(5, [A]));
    expect(await replay(log)).toMatchObject({ drifted: [], uncompared: ['district-2'] });
  });

  it('names no district that was removed whole', async () => {
    const log = new GrowingLog().append(change(A), watermark(5, [A]));
    log.remove(changeKey('district-1', 'users', 'a'), watermarkKey('district-1'));
    expect(await replay(log)).toMatchObject({ drifted: [], uncompared: [] });
  });

  it('counts messages that make no row', async () => {
    const log = new GrowingLog().append(change(A), Buffer.from('{"cut'), watermark(5, [A]));
    expect(await replay(log)).toMatchObject({ unusable: 1, drifted: [], uncompared: [] });
  });
});
