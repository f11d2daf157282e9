import { describe, expect, it } from '@jest/globals';
import { created, SampleLog } from '../../test/sample-log.js';
import { TooManyDeadLettersError } from './ports.js';

const deadLetterLimit = { ratio: 0.05, floor: 20 };
const none = (count: number) => Array.from({ length: count }, () => Buffer.from('{}'));
const good = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => created(`id-${from + at}`, 5));

describe('dead letters beyond the limit', () => {
  it('stop the partition: none of the step is sent, and nothing of it is committed', async () => {
    const log = new SampleLog();
    log.append(...none(21));
    await expect(log.deliver(log.loop({ deadLetterLimit }))).rejects.toThrow(TooManyDeadLettersError);
    expect([log.outlet.letters, log.committed]).toEqual([[], null]);
  });

  it('stop it at once where steps begin small, so that no new start drains any of it', async () => {
    const log = new SampleLog();
    log.append(...none(1_000));
    for (let start = 0; start < 3; start += 1) {
      const delivered = log.deliver(log.loop({ deadLetterLimit, stepMs: 2_000 }));
      await expect(delivered).rejects.toThrow(TooManyDeadLettersError);
    }
    expect([log.outlet.letters, log.committed]).toEqual([[], null]);
  });

  it('are counted over steps, and say how many and why', async () => {
    const log = new SampleLog();
    for (let round = 0; round < 3; round += 1) log.append(...none(8));
    const delivered = log.deliver(log.loop({ deadLetterLimit }), { batch: 8 });
    await expect(delivered).rejects.toThrow(/24 of the last 24 messages .* change message: unknown type/);
    expect([log.outlet.letters.length, log.committed]).toEqual([16, 16n]);
  });

  it('are not reached by a few', async () => {
    const log = new SampleLog();
    log.append(...none(20));
    await log.deliver(log.loop({ deadLetterLimit }));
    expect([log.outlet.letters.length, log.committed]).toEqual([20, 20n]);
  });

  it('are not reached by any number of events of a type that came later', async () => {
    const log = new SampleLog();
    const merged = Buffer.from('{"specversion":"1.0","type":"roster.users.merged"}');
    log.append(...Array.from({ length: 100 }, () => merged));
    log.changes(created('a', 5));
    const steps = await log.deliver(log.loop({ deadLetterLimit }));
    expect(steps.map(({ unknown, deadLetters }) => [unknown, deadLetters])).toEqual([
      [100, 0],
      [0, 0],
    ]);
    expect([log.outlet.letters, log.active(), log.committed]).toEqual([[], { a: 5 }, 101n]);
  });

  it('are not reached by a small share', async () => {
    const log = new SampleLog();
    log.changes(...good(970)).append(...none(30));
    await log.deliver(log.loop({ deadLetterLimit }));
    expect([log.outlet.letters.length, log.committed]).toEqual([30, 1_000n]);
  });

  it('are counted among the last thousand messages only', async () => {
    const log = new SampleLog();
    for (let round = 0; round < 4; round += 1) log.changes(...good(980, round * 980)).append(...none(20));
    log.changes(...good(900, 10_000));
    const loop = log.loop({ deadLetterLimit });
    await log.deliver(loop, { batch: 50 });
    expect([log.outlet.letters.length, log.committed]).toEqual([80, 4_900n]);
    // Of all the messages 160 would be few; of the last thousand 80 are not.
    log.append(...none(80));
    await expect(log.deliver(loop)).rejects.toThrow(/^[^:]*: \d+ of the last 10\d\d messages/);
  });
});
