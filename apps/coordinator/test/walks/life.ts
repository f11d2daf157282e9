import { expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { DISTRICT, MASKED, MINUTE_MS, PARTITIONS, STALE, type MakeWorld } from './world.js';

/** The life of a run, from a wish to its end. */
export function walkLife(world: MakeWorld): void {
  it('opens a run once every partition is ready, and completes it when all have swept', async () => {
    const w = await world();
    const run = await w.opened();
    expect(run.generation).toBe(Math.floor(w.now / 1000));
    await w.read(run);
    expect(await w.state(run)).toBe('completed');
    expect(w.kinds()).toEqual(['ask', 'apply', 'sweep']);
    expect(w.moments()).toEqual(['opened', 'planned', 'completed']);
  });

  it('leaves APPLY out where nothing is to be applied, and still sweeps', async () => {
    const w = await world();
    w.plans = { users: { active: 3, seen: 3, unchanged: 3 } };
    const run = await w.opened();
    await w.read(run);
    expect(await w.state(run)).toBe('completed');
    expect(w.kinds()).toEqual(['ask', 'sweep']);
  });

  it('applies but does not sweep a plan whose sweep is held, and sweeps once it is approved', async () => {
    const w = await world();
    w.plans = STALE;
    const run = await w.opened();
    await w.read(run);
    const { state, digest, reason } = await w.of.find(run);
    expect(state).toBe('held');
    expect(reason).toContain('100 of 200 active users would be archived');
    expect(w.kinds()).toEqual(['ask', 'apply']);
    expect(await w.of.approve(run, 'f'.repeat(64), w.now)).toBe(false);
    expect(await w.of.approve(run, digest ?? '', w.now)).toBe(true);
    await w.settle();
    expect(await w.of.find(run)).toMatchObject({ state: 'completed', reason: null });
    expect(w.kinds()).toEqual(['ask', 'apply', 'sweep']);
    expect(w.moments()).toEqual(['opened', 'planned', 'held', 'approved', 'completed']);
  });

  it('applies nothing of a plan that is held whole until it is approved', async () => {
    const w = await world();
    w.plans = MASKED;
    const run = await w.opened();
    await w.read(run);
    expect(await w.state(run)).toBe('held');
    expect(w.kinds()).toEqual(['ask']);
    await w.of.approve(run, (await w.of.find(run)).digest ?? '', w.now);
    await w.settle();
    expect(w.kinds()).toEqual(['ask', 'apply', 'sweep']);
  });

  it('sends ABORT for a rejected run, and never sweeps it', async () => {
    const w = await world();
    w.plans = STALE;
    const run = await w.opened();
    await w.read(run);
    await w.of.reject(run, (await w.of.find(run)).digest ?? '', w.now);
    await w.settle();
    expect(w.kinds()).toEqual(['ask', 'apply', 'abort']);
    expect(await w.of.wish(DISTRICT)).toBeNull();
  });

  it('closes an undecided held run as superseded when the next one opens', async () => {
    const w = await world();
    w.plans = STALE;
    const held = await w.opened();
    await w.read(held);
    const next = await w.opened();
    expect(next.generation).toBeGreaterThan(held.generation);
    expect(await w.state(held)).toBe('superseded');
    expect(w.kinds()).toContain('abort');
    expect(await w.of.approve(held, (await w.of.find(held)).digest ?? '', w.now)).toBe(false);
  });

  it('lets a held run expire before the raw log does', async () => {
    const w = await world();
    w.plans = STALE;
    const run = await w.opened();
    await w.read(run);
    w.now += 72 * 60 * MINUTE_MS - 1;
    await w.settle();
    expect(await w.state(run)).toBe('held');
    w.now += 1;
    await w.settle();
    expect(await w.state(run)).toBe('expired');
  });

  it('stops a dry run after its plan and keeps the plan', async () => {
    const w = await world();
    const run = await w.opened({ dryRun: true });
    await w.read(run);
    const { state, reason, digest } = await w.of.find(run);
    expect({ state, reason }).toEqual({ state: 'aborted', reason: 'dry-run' });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(w.kinds()).toEqual(['ask', 'abort']);
    expect(await w.of.wish(DISTRICT)).toBeNull();
  });

  it('stops a dry run after its plan also where everything would be held', async () => {
    const w = await world();
    w.plans = MASKED;
    const run = await w.opened({ dryRun: true });
    await w.read(run);
    expect(await w.of.find(run)).toMatchObject({ state: 'aborted', reason: 'dry-run' });
    expect(w.kinds()).toEqual(['ask', 'abort']);
  });

  it('knows a completed run to be in Postgres once every watermark was passed', async () => {
    const w = await world();
    const run = await w.opened();
    await w.read(run);
    const passed = ENTITY_TYPES.flatMap((entityType) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({
        ...{ kind: 'passed' as const, districtId: run.districtId, generation: run.generation },
        ...{ partition, epoch: 1, entityType },
      })),
    );
    w.report(...passed.slice(1));
    await w.settle();
    expect((await w.of.find(run)).persisted).toBe(false);
    w.report(...passed.slice(0, 1), ...passed);
    await w.settle();
    await w.settle();
    expect((await w.of.find(run)).persisted).toBe(true);
  });
}
