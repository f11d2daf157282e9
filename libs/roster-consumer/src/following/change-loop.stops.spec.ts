import { describe, expect, it } from '@jest/globals';
import { created, SampleLog } from '../../test/sample-log.js';
import { decodeEntries } from './decode-entries.js';
import { PlaceStoppedError, RefusedRowsError } from './ports.js';
import { encodeSample } from '../../test/sample-changes.js';

const turn = {
  heartbeat: async () => undefined,
  isLive: () => true,
  commit: async () => undefined,
  seek: () => undefined,
};

function entriesAt(...offsets: readonly bigint[]) {
  const value = encodeSample('users', created('a', 5));
  return decodeEntries(
    'users',
    offsets.map((offset) => ({ offset, value })),
  );
}

describe('nonsense stops the partition', () => {
  it.each([
    ['an offset below the last one', entriesAt(4n, 3n), 10n],
    ['an offset twice', entriesAt(4n, 4n), 10n],
    ['an offset below zero', entriesAt(-1n), 10n],
    ['an offset at the end of the log', entriesAt(10n), 10n],
  ])('from the log: %s', async (_, entries, end) => {
    const loop = new SampleLog().loop();
    await expect(loop.handle({ entries, end }, turn)).rejects.toThrow(PlaceStoppedError);
  });

  it('from the log: ends that cannot be', async () => {
    const log = new SampleLog();
    const ends = async () => ({ start: 9n, end: 2n });
    log.changes(created('a', 5)).watermark(5, []);
    await expect(log.deliver(log.loop({ ends }))).rejects.toThrow('start at 9');
  });

  it.each([Number.NaN, -1, 0.5, 2])('from the store: %d rows written of one', async (written) => {
    const log = new SampleLog();
    log.rows.write = async () => written;
    log.changes(created('a', 5));
    await expect(log.deliver(log.loop())).rejects.toThrow(PlaceStoppedError);
    expect(log.committed).toBeNull();
  });

  it.each([
    ['active', { active: Number.NaN }],
    ['xor', { xor: 'what' }],
    ['generation', { highestGeneration: Number.POSITIVE_INFINITY }],
  ])('from the store: a digest without %s', async (_, wrong) => {
    const log = new SampleLog();
    log.rows.digest = async () => ({ active: 0, xor: '0'.repeat(16), highestGeneration: 0, ...wrong });
    log.watermark(5, []);
    await expect(log.deliver(log.loop())).rejects.toThrow(PlaceStoppedError);
    expect(log.said).toEqual([]);
  });

  it('from the store: a fence of no epoch', async () => {
    const log = new SampleLog();
    log.rows.standing = async () => ({ fences: [{ epoch: Number.NaN, offset: 1n }], highestOffset: null });
    log.changes(created('a', 5));
    await expect(log.deliver(log.loop())).rejects.toThrow(PlaceStoppedError);
  });
});

describe('a topic that was created anew', () => {
  it('stops the partition with an instruction, and nothing is stored', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), created('b', 5));
    await log.deliver(log.loop());
    log.recreate();
    log.changes(created('c', 5));
    await expect(log.deliver(log.loop(), { from: 0n })).rejects.toThrow(/Bring that topic back/);
    expect(log.active()).toEqual({ a: 5, b: 5 });
  });

  it('is noticed by a loop that runs', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), created('b', 5));
    const loop = log.loop();
    await log.deliver(loop);
    log.recreate();
    log.changes(created('c', 5));
    await expect(log.deliver(loop, { from: 0n })).rejects.toThrow(PlaceStoppedError);
  });

  /** A copy that holds a fence of epoch 2 at offset 3, and its topic made anew, which has grown longer since. */
  async function madeAnewAndLonger(...fences: readonly number[]) {
    const log = new SampleLog();
    log.fence(1).changes(created('a', 5), created('b', 5)).fence(2);
    await log.deliver(log.loop());
    log.recreate();
    for (const epoch of fences) log.fence(epoch);
    log.changes(...['c', 'd', 'e', 'f', 'g', 'h'].map((id) => created(id, 6)));
    return log;
  }

  it('is noticed where another message lies at the offset of a kept fence, although it is longer', async () => {
    const log = await madeAnewAndLonger(1);
    const delivered = log.deliver(log.loop(), { from: 0n });
    await expect(delivered).rejects.toThrow(/fence of epoch 2 .* offset 3.*empty copy.* no fences/);
    expect(log.active()).toEqual({ a: 5, b: 5 });
  });

  it('is noticed where a fence of another epoch lies there', async () => {
    const log = await madeAnewAndLonger(1, 1, 1, 1);
    await expect(log.deliver(log.loop(), { from: 0n })).rejects.toThrow(PlaceStoppedError);
  });

  it('is noticed where compaction left no message there, by the first one above it', async () => {
    const log = await madeAnewAndLonger(1);
    log.compact(2, 3, 4);
    await expect(log.deliver(log.loop(), { from: 0n })).rejects.toThrow(/fence of epoch 2/);
    expect(log.active()).toEqual({ a: 5, b: 5 });
  });

  it('is noticed by a loop in the batch that reaches the fence, and every time it is tried again', async () => {
    const log = await madeAnewAndLonger(1);
    const loop = log.loop();
    await expect(log.deliver(loop, { from: 0n, batch: 2 })).rejects.toThrow(/fence of epoch 2/);
    await expect(log.deliver(loop, { batch: 2 })).rejects.toThrow(/fence of epoch 2/);
    expect([log.committed, log.active()]).toEqual([2n, { a: 5, b: 5, c: 6 }]);
  });

  it('is not suspected where the fence was written twice, and compaction kept the second', async () => {
    const log = new SampleLog();
    log.fence(1).changes(created('a', 5)).fence(2).fence(2);
    await log.deliver(log.loop());
    log.compact(2);
    log.changes(created('b', 6, { epoch: 2 }));
    await log.deliver(log.loop(), { from: 0n });
    expect(log.active()).toEqual({ a: 5, b: 6 });
  });

  it('is not suspected where the fence lies where it was, or below what is read', async () => {
    const log = new SampleLog();
    log.fence(1).changes(created('a', 5), created('b', 5)).fence(2);
    log.changes(created('c', 5, { epoch: 2 }));
    await log.deliver(log.loop());
    log.compact(1);
    log.changes(created('d', 6, { epoch: 2 }));
    await log.deliver(log.loop(), { from: 4n });
    await log.deliver(log.loop(), { from: 0n });
    expect(log.active()).toEqual({ a: 5, b: 5, c: 5, d: 6 });
  });

  it('is not seen in a batch that was read before the log grew', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), created('b', 5));
    await log.deliver(log.loop());
    await log.loop().handle({ entries: entriesAt(0n), end: 1n }, turn);
    expect(log.active()).toEqual({ a: 5, b: 5 });
  });
});

describe('a committed offset that is gone', () => {
  it('has everything read from the start, and changes nothing', async () => {
    const log = new SampleLog();
    const changes = [created('a', 5), created('b', 5)];
    log.changes(...changes).watermark(5, changes);
    await log.deliver(log.loop());
    log.committed = null;
    const steps = await log.deliver(log.loop());
    expect(steps.map(({ written }) => written)).toEqual([0]);
    expect([log.said, log.seeks, log.committed]).toEqual([['passed 5', 'passed 5'], 0, 3n]);
  });
});

describe('a tombstone', () => {
  it('is no reason to stop, whatever its key holds', async () => {
    const log = new SampleLog();
    const write = log.rows.write.bind(log.rows);
    log.rows.write = async (entityType, partition, changes, fences) => {
      if (changes.forgotten.some(({ gg4lId }) => gg4lId?.includes('\0')))
        throw new RefusedRowsError('invalid byte sequence: 0x00');
      return write(entityType, partition, changes, fences);
    };
    log.changes(created('a', 5)).tombstone('district-1/users/a\0');
    await log.deliver(log.loop());
    expect([log.active(), log.outlet.letters, log.committed]).toEqual([{ a: 5 }, [], log.end]);
  });
});
