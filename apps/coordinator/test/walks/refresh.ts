import { expect, it } from '@jest/globals';
import type { Report, RunKey } from '#contracts';
import { DISTRICT, MINUTE_MS, type MakeWorld, type World } from './world.js';

const SHADOW: Report = { kind: 'shadow', districtId: DISTRICT, entityType: 'users' };
const KEPT = { users: { active: 3, seen: 3, unchanged: 3, refreshed: 3 } };

const drift = (survived: boolean): Report => ({
  ...{ kind: 'drift', districtId: DISTRICT, generation: 1, partition: 0, epoch: 1, entityType: 'users' },
  ...{ survived, expected: { active: 3, xor: '0'.repeat(16) }, found: { active: 2, xor: '1'.repeat(16) } },
});

/** What is due to be sent again. */
export function walkRefresh(world: MakeWorld): void {
  const reported = async (...reports: Report[]): Promise<World> => {
    const w = await world();
    w.plans = KEPT;
    w.report(...reports);
    await w.settle();
    await w.settle();
    return w;
  };

  const completed = async (w: World, run: RunKey): Promise<void> => {
    await w.read(run);
    expect(await w.of.find(run)).toMatchObject({ state: 'completed', reason: null });
  };

  it.each([
    ['a shadow', SHADOW],
    ['a drift that survived a second read', drift(true)],
  ])('%s gets its district a run at once, which carries the type and ends the refresh', async (_, report) => {
    const w = await reported(report);
    const run = await w.claimed();
    expect(await w.of.refreshOf(run)).toEqual(['users']);
    await completed(w, run);
    expect(w.kinds()).toContain('apply');
    w.now += 60 * MINUTE_MS;
    await w.settle();
    expect(await w.of.wish(DISTRICT)).toBeNull();
    expect(await w.of.claim('fetcher')).toBeNull();
  });

  it('a drift that was not looked at twice asks for nothing', async () => {
    const w = await reported(drift(false));
    expect(await w.of.claim('fetcher')).toBeNull();
  });

  it('a shadow reported after the run was opened stays due, and is tried again after a pause', async () => {
    const w = await reported(SHADOW);
    const run = await w.claimed();
    w.report(SHADOW);
    await completed(w, run);
    await w.settle();
    expect(await w.of.claim('fetcher')).toBeNull();
    w.now += 15 * MINUTE_MS;
    await w.settle();
    expect(await w.of.refreshOf(await w.claimed())).toEqual(['users']);
  });

  it('a refresh stays due while an active record of the type comes quarantined', async () => {
    const w = await reported(SHADOW);
    w.plans = { users: { active: 3, seen: 3, unchanged: 2, refreshed: 2, quarantined: 1 } };
    await completed(w, await w.claimed());
    w.now += 15 * MINUTE_MS;
    await w.settle();
    const next = await w.claimed();
    expect(await w.of.refreshOf(next)).toEqual(['users']);
    w.plans = { users: { active: 3, seen: 4, unchanged: 3, refreshed: 3, quarantined: 1 } };
    await completed(w, next);
    w.now += 15 * MINUTE_MS;
    await w.settle();
    expect(await w.of.claim('fetcher')).toBeNull();
  });

  it('a refresh stays due through runs that end otherwise, and goes with the next one', async () => {
    const w = await reported(SHADOW);
    await w.of.fail(await w.claimed(), 'status 500', 'source');
    await w.settle();
    w.now += MINUTE_MS;
    await w.settle();
    expect(await w.of.refreshOf(await w.claimed())).toEqual(['users']);
  });

  it('a refresh takes no place of a run that is open, held ones included', async () => {
    const w = await world();
    w.plans = { users: { active: 100, seen: 51, unchanged: 50, created: 1, stale: 50 } };
    const held = await w.opened();
    await w.read(held);
    expect(await w.state(held)).toBe('held');
    w.report(SHADOW);
    await w.settle();
    await w.settle();
    expect(await w.state(held)).toBe('held');
    expect(await w.of.wish(DISTRICT)).toBeNull();
  });
}
