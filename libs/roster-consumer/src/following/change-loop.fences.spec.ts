import { describe, expect, it } from '@jest/globals';
import { MemoryRosterStore } from '../../test/memory.roster-store.js';
import { archived, created, SampleLog, updated } from '../../test/sample-log.js';

describe('behind a fence', () => {
  it('an event of an older epoch is ignored, and one of the new epoch is not', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), created('b', 5)).fence(2);
    log.changes(archived('a', 6), updated('b', 6, { epoch: 2 }));
    const [step] = await log.deliver(log.loop());
    expect(log.active()).toEqual({ a: 5, b: 6 });
    expect(step).toMatchObject({ fenced: 1, written: 2 });
  });

  it('an event before it counts, whatever its epoch', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).fence(2);
    await log.deliver(log.loop());
    expect(log.active()).toEqual({ a: 5 });
  });

  it('an older watermark is ignored: not compared, not passed', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).fence(2).watermark(5, []);
    await log.deliver(log.loop());
    expect(log.said).toEqual([]);
    expect(log.seeks).toBe(0);
  });

  it('a loop that starts later ignores what the store kept the fence for', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).fence(2);
    await log.deliver(log.loop());
    log.changes(archived('a', 6));
    await log.deliver(log.loop());
    expect(log.active()).toEqual({ a: 5 });
  });

  it('a loop that was handed on and back ignores what another kept the fence for', async () => {
    const log = new SampleLog();
    const loop = log.loop();
    log.changes(created('a', 5));
    await log.deliver(loop);
    log.fence(2);
    await log.deliver(log.loop());
    log.changes(archived('a', 6));
    await log.deliver(loop);
    expect(log.active()).toEqual({ a: 5 });
  });

  it('reading again from the start gives the same', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).fence(2).changes(archived('a', 6), created('c', 6)).fence(3);
    log.changes(created('d', 7, { epoch: 2 }), created('e', 7, { epoch: 3 }));
    const loop = log.loop();
    await log.deliver(loop, { batch: 2 });
    const once = log.active();
    await log.deliver(loop, { from: 0n });
    await log.deliver(log.loop(), { from: 0n, batch: 3 });
    expect([log.active(), once]).toEqual([
      { a: 5, e: 7 },
      { a: 5, e: 7 },
    ]);
  });

  it('the fence is kept by the write of the rows around it, so that a crash loses neither or both', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).fence(2);
    const write = log.rows.write.bind(log.rows);
    const writes: number[] = [];
    log.rows.write = (type, partition, changes, fences) => {
      writes.push(changes.records.length, fences.length);
      return write(type, partition, changes, fences);
    };
    await log.deliver(log.loop());
    expect(writes).toEqual([1, 1]);
  });

  it('a fence is kept although the row beside it is refused', async () => {
    const log = new SampleLog(new MemoryRosterStore(({ event }) => event.subject === 'poison'));
    log.changes(created('poison', 5)).fence(2);
    await log.deliver(log.loop());
    expect((await log.rows.standing('users', 0)).fences).toEqual([{ epoch: 2, offset: 1n }]);
  });

  it('a step that failed while storing keeps its fence when it comes again', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).fence(2);
    const loop = log.loop();
    log.atFailpoint = (name) => {
      if (name === 'before-store') throw new Error('lost the connection');
    };
    await expect(log.deliver(loop)).rejects.toThrow('lost the connection');
    log.atFailpoint = () => undefined;
    await log.deliver(loop);
    expect((await log.rows.standing('users', 0)).fences).toHaveLength(1);
  });
});
