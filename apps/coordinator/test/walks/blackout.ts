import { expect, it } from '@jest/globals';
import { DISTRICT, MINUTE_MS, type MakeWorld, type World } from './world.js';

/** Times in which nothing is pulled by schedule. */
export function walkBlackout(world: MakeWorld): void {
  const blackedOut = async (minutes: number): Promise<World> => {
    const w = await world();
    const from = new Date(w.now - MINUTE_MS).toISOString();
    const until = new Date(w.now + minutes * MINUTE_MS).toISOString();
    await w.of.configure(DISTRICT, { blackouts: [{ from, until }] });
    return w;
  };

  it.each(['scheduled', 'newer', 'retry'] as const)(
    'a run wished for as %s before a blackout waits for its end',
    async (cause) => {
      const w = await blackedOut(10);
      await w.want({ cause });
      await w.settle();
      expect([w.kinds(), await w.of.claim('fetcher')]).toEqual([[], null]);
      w.now += 10 * MINUTE_MS;
      await w.settle();
      expect(await w.of.claim('fetcher')).not.toBeNull();
    },
  );

  it('a run that is asked for is opened in a blackout too', async () => {
    const w = await blackedOut(10);
    expect(await w.opened({ cause: 'asked' })).toMatchObject({ districtId: DISTRICT });
  });
}
