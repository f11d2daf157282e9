import { describe, expect, it } from '@jest/globals';
import { archived, created, SampleLog, updated } from '../../test/sample-log.js';

describe('a first read', () => {
  it('passes every watermark, and compares only the last one of each district', async () => {
    const log = new SampleLog();
    const changes = [created('a', 5), created('b', 5)];
    log.changes(...changes).watermark(5, changes);
    // Compaction took what the first watermark counted: `b` is known from its archive only.
    log.changes(archived('b', 6)).watermark(6, [...changes, archived('b', 6)]);
    log.compact(1);
    await log.deliver(log.loop(), { batch: 1 });
    expect([log.said, log.seeks]).toEqual([['passed 5', 'passed 6'], 0]);
  });

  it('shows the drift of a last watermark when it is over', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).watermark(5, []);
    log.watermark(5, [], { district: 'district-2' });
    await log.deliver(log.loop(), { batch: 1 });
    expect(log.said.slice(0, 3)).toEqual(['passed 5', 'drift 5', 'passed 5 of district-2']);
    expect(log.seeks).toBe(1);
  });

  it('does not compare a last watermark that an event of its district follows', async () => {
    const log = new SampleLog();
    // A late event of a lower generation: no row shows that something followed.
    log.changes(created('a', 5)).watermark(5, []).changes(updated('a', 4));
    await log.deliver(log.loop());
    expect([log.said, log.seeks]).toEqual([['shadow', 'passed 5'], 0]);
  });

  it('does not compare a last watermark that a tombstone of its district follows, but one that comes behind that', async () => {
    const log = new SampleLog();
    const rest = [created('b', 5)];
    log.changes(created('a', 5), ...rest).watermark(5, [created('a', 5), ...rest]);
    log.tombstone('district-1/users/a');
    await log.deliver(log.loop());
    expect([log.said, log.outlet.letters]).toEqual([['passed 5'], []]);
    log.watermark(5, [created('a', 5), ...rest]);
    await log.deliver(log.loop());
    expect(log.said).toContain('drift 5');
    log.watermark(5, rest);
    const said = log.said.length;
    await log.deliver(log.loop());
    expect(log.said.slice(said)).toEqual(['passed 5']);
  });

  it('passes nothing of a district whose watermark is gone', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).watermark(5, [created('a', 5)]);
    log.tombstone('district-1/users/a');
    log.tombstone('!watermark/district-1');
    await log.deliver(log.loop());
    expect([log.said, log.seeks]).toEqual([[], 0]);
  });

  it('compares a last watermark that an event of another district follows', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).watermark(5, []);
    log.changes(created('a', 4, { district: 'district-2' }));
    await log.deliver(log.loop());
    expect(log.said).toContain('drift 5');
  });

  it('is over where the log ended when it began: behind that every watermark is compared', async () => {
    const log = new SampleLog();
    const holds = [created('a', 5)];
    log.changes(...holds).watermark(5, holds);
    const loop = log.loop();
    await log.deliver(loop);
    log
      .watermark(6, [])
      .changes(updated('a', 6))
      .watermark(7, [updated('a', 6)]);
    await log.deliver(loop);
    expect(log.said).toContain('drift 6');
  });

  it('begins anew where a batch does not follow on the last one', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5));
    const loop = log.loop();
    await log.deliver(loop);
    log.changes(created('b', 5));
    await log.deliver(log.loop());
    log.watermark(5, []).changes(updated('a', 6), updated('b', 6));
    await log.deliver(loop);
    expect([log.said, log.seeks]).toEqual([['passed 5'], 0]);
  });

  it('is not begun anew by holes inside it', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).watermark(5, []).changes(created('b', 6), created('b', 6));
    log.changes(created('c', 6, { district: 'district-2' }));
    log.compact(2, 3);
    await log.deliver(log.loop(), { batch: 1 });
    expect(log.said).toContain('drift 5');
  });

  it('whose end fails is compared whole when its last batch comes again', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).watermark(5, []);
    log.changes(created('a', 5, { district: 'district-2' }));
    const loop = log.loop();
    log.atFailpoint = (name) => {
      if (name === 'before-seek' && log.seeks === 0) throw new Error('lost the connection');
    };
    await expect(log.deliver(loop, { batch: 2 })).rejects.toThrow('lost the connection');
    log.atFailpoint = () => undefined;
    await log.deliver(loop, { batch: 2 });
    expect(log.said).toEqual(['passed 5', 'drift 5', 'drift 5', 'passed 5', 'survived 5']);
  });
});
