import { expect, it } from '@jest/globals';
import type { RunKey } from '#contracts';
import type { Confirmation } from '../../src/settlement/runs.js';
import { DISTRICT, MASKED, MINUTE_MS, STALE, type MakeWorld, type World } from './world.js';

const ABSENT = { count: 2, ids: ['u-1', 'u-2'] };
const LEAVING = { users: { active: 100, seen: 98, unchanged: 97, created: 1, stale: 2, absent: ABSENT } };
const ONLY_LEAVING = { users: { active: 100, seen: 98, unchanged: 98, stale: 2, absent: ABSENT } };
const found = (state: Confirmation['state'], finding: string): Confirmation => ({
  ...{ point: 6, state, finding, stillThere: state === 'failed' ? { users: ['u-1'] } : {} },
});
const GONE = found('proven', 'both are gone');
const THERE = found('failed', 'u-1 is still there');
const UNTOLD = found('not available', 'status 405');

/** Point 6 of the proof: absent records are asked for before they are archived. */
export function walkConfirming(world: MakeWorld): void {
  /** A pull whose plan waits for its absent records to be asked for. */
  const confirming = async (plans: World['plans'] = LEAVING): Promise<[World, RunKey]> => {
    const w = await world();
    w.plans = plans;
    const run = await w.opened();
    await w.read(run);
    expect(await w.state(run)).toBe('confirming');
    return [w, run];
  };

  /** A fetcher asks, and this is what it found. */
  const answered = async (w: World, run: RunKey, found: Confirmation): Promise<void> => {
    expect(await w.of.claimToConfirm('f')).toMatchObject(run);
    expect(await w.of.confirm(run, 'f', found)).toBe(true);
    await w.settle();
  };

  it('asks for the absent records of all partitions before anything is applied, then goes on', async () => {
    const [w, run] = await confirming();
    expect(w.kinds()).toEqual(['ask']);
    const claimed = await w.of.claimToConfirm('f');
    expect(claimed?.absent).toEqual({ users: { count: 4, ids: ['u-1', 'u-1', 'u-2', 'u-2'] } });
    await w.of.confirm(run, 'f', GONE);
    await w.settle();
    expect(await w.state(run)).toBe('completed');
    expect(w.kinds()).toEqual(['ask', 'apply', 'sweep']);
    expect(w.moments()).toEqual(['opened', 'planned', 'completed']);
  });

  it('sweeps at once what is confirmed where nothing is to be applied', async () => {
    const [w, run] = await confirming(ONLY_LEAVING);
    await answered(w, run, GONE);
    expect(await w.state(run)).toBe('completed');
    expect(w.kinds()).toEqual(['ask', 'sweep']);
  });

  it.each([
    [
      'the source withdrew all who leave',
      { users: { ...LEAVING.users, absent: { count: 0, ids: [] } } },
      'completed',
    ],
    ['the sweep is held anyway', STALE, 'held'],
    ['everything is held anyway', MASKED, 'held'],
  ])('asks for nobody where %s', async (_, plans, state) => {
    const w = await world();
    w.plans = plans;
    const run = await w.opened();
    await w.read(run);
    expect(await w.state(run)).toBe(state);
    expect(await w.of.claimToConfirm('f')).toBeNull();
  });

  it('asks for nobody in a dry run', async () => {
    const w = await world();
    w.plans = LEAVING;
    const run = await w.opened({ dryRun: true });
    await w.read(run);
    expect(await w.of.find(run)).toMatchObject({ state: 'aborted', reason: 'dry-run' });
  });

  it('goes on where the source gives no single records', async () => {
    const [w, run] = await confirming();
    await answered(w, run, UNTOLD);
    expect(await w.state(run)).toBe('completed');
  });

  it('pulls again once for a record that is still there, then holds the sweep until it is approved', async () => {
    const [w, first] = await confirming();
    await answered(w, first, THERE);
    expect(await w.of.find(first)).toMatchObject({
      ...{ state: 'aborted', reason: 'proof: point 6: u-1 is still there' },
    });
    const second = await w.claimed();
    await w.read(second);
    await answered(w, second, THERE);
    const { state, reason, digest } = await w.of.find(second);
    expect([state, reason]).toEqual(['held', 'Point 6 of the proof failed: u-1 is still there']);
    expect(w.kinds()).toEqual(['ask', 'abort', 'ask', 'apply']);
    await w.of.approve(second, digest ?? '', w.now);
    await w.settle();
    expect(await w.state(second)).toBe('completed');
    expect(w.kinds().slice(4)).toEqual(['sweep']);
  });

  it('holds a vetoed sweep at once where nothing is to be applied', async () => {
    const [w, first] = await confirming(ONLY_LEAVING);
    await answered(w, first, THERE);
    const second = await w.claimed();
    await w.read(second);
    await answered(w, second, THERE);
    expect(await w.state(second)).toBe('held');
    expect(w.kinds()).toEqual(['ask', 'abort', 'ask']);
  });

  it('takes the pull after a veto for what it finds', async () => {
    const [w, first] = await confirming();
    await answered(w, first, THERE);
    w.plans = { users: { active: 100, seen: 100, unchanged: 100 } };
    const second = await w.claimed();
    await w.read(second);
    expect(await w.state(second)).toBe('completed');
  });

  it('counts the pulls of one wish together, whichever points failed in them', async () => {
    const w = await world();
    w.plans = LEAVING;
    const moved = [{ point: 1, state: 'failed', finding: 'the stamp changed' }] as const;
    await w.read(await w.opened(), moved);
    const second = await w.claimed();
    await w.read(second);
    await answered(w, second, THERE);
    expect(await w.state(second)).toBe('held');
  });

  it('lets another fetcher ask where the first lost its lease', async () => {
    const [w, run] = await confirming();
    await w.of.claimToConfirm('first');
    expect(await w.of.claimToConfirm('second')).toBeNull();
    await w.of.loseFetcherLease();
    await w.settle();
    expect(await w.state(run)).toBe('confirming');
    expect(await w.of.claimToConfirm('second')).toMatchObject(run);
    expect(await w.of.confirm(run, 'first', GONE)).toBe(false);
    expect(await w.of.confirm(run, 'second', GONE)).toBe(true);
    await w.settle();
    expect(await w.state(run)).toBe('completed');
  });

  it('archives nobody unasked: a run that no fetcher takes is aborted, and tried again at once', async () => {
    const [w, run] = await confirming();
    await w.of.claimToConfirm('f');
    w.now += 10 * MINUTE_MS;
    await w.settle();
    expect(await w.state(run)).toBe('confirming');
    await w.of.loseFetcherLease();
    w.now += 5 * MINUTE_MS - 1;
    await w.settle();
    expect(await w.state(run)).toBe('confirming');
    w.now += 1;
    await w.settle();
    expect(await w.of.find(run)).toMatchObject({ state: 'aborted', reason: 'no fetcher took it for 300 s' });
    expect(w.kinds()).not.toContain('sweep');
    expect((await w.claimed()).generation).toBeGreaterThan(run.generation);
  });

  it('ends a run whose district the source refuses meanwhile, for good', async () => {
    const [w, run] = await confirming();
    await w.of.claimToConfirm('f');
    await w.of.refuseToConfirm(run, 'f', 'the source refuses renewed credentials');
    await w.settle();
    expect(await w.of.find(run)).toMatchObject({
      ...{ state: 'aborted', reason: 'the source refuses renewed credentials' },
    });
    expect(await w.of.wish(DISTRICT)).toBeNull();
    expect(w.kinds()).toEqual(['ask', 'abort']);
  });

  it('ends a run whose district was suspended while it was confirmed', async () => {
    const [w, run] = await confirming();
    await w.of.claimToConfirm('f');
    await w.of.suspend(DISTRICT);
    await w.settle();
    expect(await w.state(run)).toBe('aborted');
    expect(await w.of.confirm(run, 'f', GONE)).toBe(false);
  });

  it.each(['before-confirming', 'after-confirming', 'before-vetoed', 'after-vetoed'])(
    'asks, and holds what was vetoed, though its coordinator ends at %s',
    async (name) => {
      const w = await world();
      w.plans = LEAVING;
      await w.read(await w.opened(), [{ point: 4, state: 'failed', finding: 'one id repeated' }]);
      const run = await w.claimed();
      w.crashAt = `coordinator.${name}`;
      await w.of.finish(run, []);
      w.answerPlanned(run);
      await w.settleThroughCrash();
      expect(await w.of.claimToConfirm('f')).toMatchObject(run);
      await w.of.confirm(run, 'f', THERE);
      await w.settleThroughCrash();
      expect(w.crashAt).toBeNull();
      expect(await w.state(run)).toBe('held');
      expect(w.kinds()).not.toContain('sweep');
    },
  );
}
