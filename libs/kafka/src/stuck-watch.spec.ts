import { describe, expect, it } from '@jest/globals';
import { StuckWatch } from './stuck-watch.js';

function watch(consumption: { isHandling?: () => boolean; lagging?: () => Promise<readonly string[]> }) {
  const found: (readonly string[])[] = [];
  const watched = { isHandling: () => false, lagging: () => Promise.resolve([]), ...consumption };
  const stuck = new StuckWatch(watched, 3, (where) => found.push(where));
  return { stuck, found };
}

async function ticks(stuck: StuckWatch, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await stuck.tick();
}

describe('a consumer', () => {
  it('with nothing to do is never stuck', async () => {
    const { stuck, found } = watch({});
    await ticks(stuck, 50);
    expect(found).toEqual([]);
  });

  it('whose handler neither returns nor gives a sign is stuck', async () => {
    const { stuck, found } = watch({ isHandling: () => true });
    await ticks(stuck, 2);
    expect(found).toEqual([]);
    await stuck.tick();
    expect(found).toEqual([['a handler that does not return']]);
  });

  it('whose handler sends heartbeats is not, however long it takes', async () => {
    const { stuck, found } = watch({ isHandling: () => true });
    for (let n = 0; n < 50; n += 1) {
      await ticks(stuck, 2);
      stuck.sign();
    }
    expect(found).toEqual([]);
  });

  it('is stuck where its partitions hold messages that no handler is called with', async () => {
    const { stuck, found } = watch({ lagging: () => Promise.resolve(['raw/1']) });
    await ticks(stuck, 3);
    expect(found).toEqual([['raw/1']]);
  });

  it('is not stuck because Kafka is away, nor at once when it is back', async () => {
    let isAway = true;
    const { stuck, found } = watch({
      lagging: () => (isAway ? Promise.reject(new Error('no broker')) : Promise.resolve(['raw/1'])),
    });
    await ticks(stuck, 12);
    isAway = false;
    await ticks(stuck, 2);
    expect(found).toEqual([]);
    await ticks(stuck, 1);
    expect(found).toEqual([['raw/1']]);
  });

  it('that goes on while its lag is looked up is not stuck', async () => {
    let answer: (lagging: readonly string[]) => void = () => undefined;
    const { stuck, found } = watch({ lagging: () => new Promise((resolve) => (answer = resolve)) });
    await ticks(stuck, 2);
    const looked = stuck.tick();
    await stuck.tick();
    stuck.sign();
    answer(['raw/1']);
    await looked;
    expect(found).toEqual([]);
  });
});
