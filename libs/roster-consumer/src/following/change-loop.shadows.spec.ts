import { describe, expect, it } from '@jest/globals';
import { MemoryRosterStore } from '../../test/memory.roster-store.js';
import { archived, created, SampleLog, updated } from '../../test/sample-log.js';

const shadows = (log: SampleLog) => log.said.filter((said) => said.startsWith('shadow'));

describe('a shadow', () => {
  it('is reported before the commit that leaves it behind', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5));
    const loop = log.loop();
    await log.deliver(loop);
    log.changes(updated('a', 4));
    log.atFailpoint = (name) => {
      if (name === 'before-commit') throw new Error('killed');
    };
    await expect(log.deliver(loop)).rejects.toThrow('killed');
    expect(log.outlet.reports).toEqual([{ kind: 'shadow', districtId: 'district-1', entityType: 'users' }]);
  });

  it('is seen within one batch', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), archived('a', 4));
    await log.deliver(log.loop());
    expect(shadows(log)).toEqual(['shadow']);
  });

  it('is a fenced event behind a row, of a higher generation too', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5)).fence(2).changes(archived('a', 6));
    await log.deliver(log.loop());
    expect(shadows(log)).toEqual(['shadow']);
  });

  it('is no repeat of the same generation', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), created('a', 5));
    const loop = log.loop();
    await log.deliver(loop);
    log.changes(created('a', 5));
    await log.deliver(loop);
    expect(shadows(log)).toEqual([]);
  });

  it('is no event that a later one of its id followed', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), archived('a', 6), { ...updated('a', 7), verb: 'restored' });
    await log.deliver(log.loop());
    await log.deliver(log.loop(), { from: 0n, batch: 1 });
    expect(shadows(log)).toEqual([]);
  });

  it('is told again when it is read again, and no more once a refresh lies behind it', async () => {
    const log = new SampleLog();
    log.changes(created('a', 5), updated('a', 4));
    await log.deliver(log.loop());
    await log.deliver(log.loop(), { from: 0n });
    expect(shadows(log)).toHaveLength(2);
    log.changes(updated('a', 7, { cause: 'refresh' }));
    await log.deliver(log.loop());
    await log.deliver(log.loop(), { from: 0n, batch: 1 });
    expect(shadows(log)).toHaveLength(2);
  });

  it('is reported once per district and batch', async () => {
    const log = new SampleLog();
    const more = { district: 'district-2' };
    log.changes(created('a', 5), created('b', 5), created('a', 5, more));
    log.changes(updated('a', 4), updated('b', 4), updated('a', 4, more));
    await log.deliver(log.loop());
    expect(shadows(log)).toEqual(['shadow', 'shadow of district-2']);
  });

  it('is reported once also where a batch takes several steps', async () => {
    const log = new SampleLog();
    const holds = [created('a', 5)];
    log.changes(...holds).watermark(5, holds);
    const loop = log.loop();
    await log.deliver(loop);
    log.changes(updated('a', 4)).watermark(6, holds).changes(updated('a', 3));
    expect(await log.deliver(loop)).toHaveLength(2);
    expect(shadows(log)).toEqual(['shadow']);
  });

  it('costs no question where every event was written', async () => {
    const log = new SampleLog();
    log.rows.shadowed = async () => {
      throw new Error('asked');
    };
    log.changes(created('a', 5), archived('a', 6), created('b', 5)).fence(2);
    await log.deliver(log.loop());
    expect(log.active()).toEqual({ b: 5 });
  });

  it('is not looked for among what the store refused, nor under an id that no store can hold', async () => {
    const log = new SampleLog(new MemoryRosterStore(({ event }) => event.subject.includes('\0')));
    const shadowed = log.rows.shadowed.bind(log.rows);
    const asked: string[] = [];
    log.rows.shadowed = async (entityType, events) => {
      asked.push(...events.map(({ gg4lId }) => gg4lId));
      if (asked.some((id) => id.includes('\0'))) throw new Error('invalid byte sequence: 0x00');
      return shadowed(entityType, events);
    };
    log.changes(created('b\0', 5), created('a', 5)).fence(2).changes(created('c\0', 5));
    await log.deliver(log.loop());
    expect([asked, log.committed]).toEqual([[], log.end]);
    log.changes(
      created('a', 6, { epoch: 2 }),
      updated('a', 5, { epoch: 2 }),
      created('d\0', 5, { epoch: 2 }),
    );
    await log.deliver(log.loop());
    expect([asked, shadows(log), log.committed]).toEqual([['a', 'a'], ['shadow'], log.end]);
    expect(log.outlet.letters).toHaveLength(2);
  });
});
