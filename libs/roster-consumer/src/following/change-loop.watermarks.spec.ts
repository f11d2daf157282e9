import { describe, expect, it } from '@jest/globals';
import { archived, created, SampleLog, updated } from '../../test/sample-log.js';

/** A log whose loop has left its first read behind: it holds `a` of generation 4. */
async function followed() {
  const log = new SampleLog();
  const base = [created('a', 4)];
  log.changes(...base).watermark(4, base);
  const loop = log.loop();
  await log.deliver(loop);
  log.outlet.reports.length = 0;
  return { log, loop, base };
}

const other = { district: 'district-2' };

describe('a watermark that is met', () => {
  it('is passed if the rows are what it says', async () => {
    const { log, loop, base } = await followed();
    const changes = [...base, updated('a', 5), created('b', 5), archived('b', 6)];
    log.changes(...changes.slice(1)).watermark(6, changes);
    await log.deliver(loop);
    expect([log.said, log.seeks]).toEqual([['passed 6'], 0]);
  });

  it('is passed without comparing if a row has a higher generation', async () => {
    const { log, loop, base } = await followed();
    log.changes(created('b', 7)).watermark(6, base);
    await log.deliver(loop);
    expect([log.said, log.seeks]).toEqual([['passed 6'], 0]);
  });

  it('is told as passed with where it lies', async () => {
    const { log, loop, base } = await followed();
    log.changes(created('b', 7)).watermark(6, base);
    await log.deliver(loop);
    expect(log.outlet.passed.map(({ generation, offset }) => [generation, offset])).toEqual([
      [4, 1n],
      [6, 3n],
    ]);
    expect(log.outlet.reports).toEqual([expect.not.objectContaining({ offset: 3n })]);
  });

  it('is compared with the rows as of it, also when changes of its district follow in the same batch', async () => {
    const { log, loop, base } = await followed();
    const wrong = [...base, created('never', 5)];
    log.watermark(5, wrong).changes(created('b', 6), created('c', 6, other));
    await log.deliver(loop);
    expect(log.said[0]).toBe('drift 5');
  });

  it('is compared with rows of its own district only', async () => {
    const { log, loop, base } = await followed();
    log.changes(created('b', 9, other)).watermark(5, base);
    await log.deliver(loop);
    expect([log.said, log.seeks]).toEqual([['passed 5'], 0]);
  });

  it('does not cut a batch where many districts had no change', async () => {
    const { log, loop, base } = await followed();
    for (const generation of [5, 6, 7]) log.watermark(generation, base);
    log.watermark(7, [], other).changes(created('c', 8, { district: 'district-3' }));
    const steps = await log.deliver(loop);
    expect(steps).toHaveLength(1);
  });

  it.each(['active', 'xor'] as const)('shows drift by its %s alone', async (member) => {
    const { log, loop, base } = await followed();
    const wrong = member === 'active' ? { active: 2 } : { xor: '00000000000000ff' };
    log.watermark(5, base, wrong);
    await log.deliver(loop);
    expect(log.said[0]).toBe('drift 5');
  });
});

describe('drift', () => {
  /** What a lost row looks like: it is in the log, and not in the store. */
  async function withLostRow() {
    const log = new SampleLog();
    const base = [created('a', 4), created('b', 4)];
    log.changes(...base).watermark(4, base);
    const loop = log.loop();
    await log.deliver(loop);
    log.outlet.reports.length = 0;
    log.rows.lose('users', 'district-1', 'b');
    return { log, loop, base };
  }

  it('is reported, and mended by reading the topic from its start; the watermark is passed after that', async () => {
    const { log, loop, base } = await withLostRow();
    log.watermark(5, base);
    await log.deliver(loop);
    expect(log.active()).toEqual({ a: 4, b: 4 });
    expect(log.said).toEqual(['drift 5', 'passed 4', 'passed 5']);
    expect([log.seeks, log.committed]).toEqual([1, log.end]);
  });

  it('says what was expected and what was found', async () => {
    const { log, loop, base } = await withLostRow();
    log.watermark(5, base);
    await log.deliver(loop);
    const [drift] = log.outlet.reports;
    expect(drift).toMatchObject({ kind: 'drift', survived: false, generation: 5, epoch: 1, partition: 0 });
    expect(drift?.kind === 'drift' && [drift.expected.active, drift.found.active]).toEqual([2, 1]);
  });

  it('that survives a second read is said once, and nothing is read a third time', async () => {
    const { log, loop, base } = await followed();
    log.watermark(5, [...base, created('never', 5)]);
    await log.deliver(loop);
    expect(log.said).toEqual(['drift 5', 'survived 5', 'passed 4', 'passed 5']);
    log.watermark(5, [...base, created('never', 5)]);
    await log.deliver(loop);
    expect(log.said.slice(4)).toEqual(['passed 5']);
    expect(log.seeks).toBe(1);
  });

  it('of the next generation is a new one', async () => {
    const { log, loop, base } = await followed();
    const wrong = [...base, created('never', 5)];
    log.watermark(5, wrong);
    await log.deliver(loop);
    log.watermark(6, wrong);
    await log.deliver(loop);
    expect(log.said.filter((said) => !said.startsWith('passed'))).toEqual([
      'drift 5',
      'survived 5',
      'drift 6',
      'survived 6',
    ]);
    expect(log.seeks).toBe(2);
  });

  it('that a later watermark of the second read shows too has survived', async () => {
    const { log, loop, base } = await followed();
    const wrong = [...base, created('never', 5)];
    log.watermark(5, wrong);
    log.atFailpoint = (name) => {
      if (name === 'before-report' && log.seeks === 0) log.watermark(6, wrong);
    };
    await log.deliver(loop);
    expect(log.said.filter((said) => !said.startsWith('passed'))).toEqual(['drift 5', 'survived 6']);
    expect(log.seeks).toBe(1);
  });

  it('of two districts leads to one second read', async () => {
    const { log, loop, base } = await followed();
    log.watermark(5, [...base, created('never', 5)]).watermark(5, [created('never', 5)], other);
    await log.deliver(loop);
    expect(log.said.filter((said) => !said.startsWith('passed'))).toEqual([
      'drift 5',
      'drift 5 of district-2',
      'survived 5',
      'survived 5 of district-2',
    ]);
    expect(log.seeks).toBe(1);
  });

  it('is found again by whoever is handed the partition after a crash before the second read', async () => {
    const { log, loop, base } = await withLostRow();
    log.watermark(5, base);
    log.atFailpoint = (name) => {
      if (name === 'before-seek') throw new Error('killed');
    };
    await expect(log.deliver(loop)).rejects.toThrow('killed');
    log.atFailpoint = () => undefined;
    await log.deliver(log.loop());
    expect(log.active()).toEqual({ a: 4, b: 4 });
    expect(log.said).toEqual(['drift 5', 'drift 5', 'passed 4', 'passed 5']);
  });

  it('in a log with holes is read again once, too', async () => {
    const { log, loop, base } = await followed();
    log.changes(created('x', 5), created('y', 5), updated('x', 6), updated('y', 6));
    await log.deliver(loop);
    log.compact(2, 3, 4);
    log.watermark(6, [...base, created('never', 5)]);
    await log.deliver(loop, { batch: 1 });
    expect(log.said.filter((said) => !said.startsWith('passed'))).toEqual(['drift 6', 'survived 6']);
    expect(log.seeks).toBe(1);
  });
});
