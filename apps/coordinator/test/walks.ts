import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { DISTRICT, PARTITIONS, World, type LedgerUnderWalk } from './world.js';

const MINUTE_MS = 60_000;
const STALE = { users: { active: 100, seen: 50, unchanged: 50, created: 1, stale: 50 } };
const MASKED = { users: { active: 200, seen: 200, updated: 190, unchanged: 10 } };

/** The walks of a run through the step loop; every ledger must show the same. */
export function describeWalks(name: string, make: () => Promise<LedgerUnderWalk>): void {
  const world = async (): Promise<World> => {
    const of = await make();
    await of.addDistrict(DISTRICT);
    return new World(of);
  };

  describe(`the step loop over ${name}`, () => {
    it('opens a run once every partition is ready, and completes it when all have swept', async () => {
      const w = await world();
      const run = await w.opened();
      expect(run.generation).toBe(Math.floor(w.now / 1000));
      await w.read(run);
      expect(await w.state(run)).toBe('completed');
      expect(w.kinds()).toEqual(['ask', 'apply', 'sweep']);
      expect(w.moments()).toEqual(['opened', 'planned', 'completed']);
    });

    it('opens nothing while a partition is silent, and asks it again', async () => {
      const w = await world();
      w.silent.add(1);
      await w.want();
      await w.settle();
      w.now += 10_000;
      await w.settle();
      expect(w.sent.map(({ partitions }) => partitions)).toEqual([[0, 1], [1]]);
      expect(await w.of.claim('fetcher')).toBeNull();
      w.silent.clear();
      w.now += 10_000;
      await w.settle();
      expect(await w.of.claim('fetcher')).not.toBeNull();
    });

    it('asks a partition again at once when it rebuilds', async () => {
      const w = await world();
      w.silent.add(1);
      await w.want();
      await w.settle();
      w.now += 100;
      w.report({ kind: 'rebuilding', partition: 1, epoch: 2 });
      w.epochs[1] = 2;
      await w.settle();
      w.silent.clear();
      await w.settle();
      expect(w.sent.at(-1)?.partitions).toEqual([1]);
    });

    it('gives an ASK up after a minute of silence and tries again later', async () => {
      const w = await world();
      w.silent.add(0);
      await w.want();
      await w.settle();
      w.now += MINUTE_MS;
      await w.settle();
      expect((await w.of.wish(DISTRICT))?.dueAt).toBe(w.now + MINUTE_MS);
      w.silent.clear();
      w.now += MINUTE_MS;
      await w.settle();
      expect(await w.of.claim('fetcher')).not.toBeNull();
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

    it('aborts a run that cannot be read and tries again after a minute', async () => {
      const w = await world();
      const run = await w.opened();
      await w.of.fail(run, 'status 500 for users', 'source');
      await w.settle();
      expect(await w.of.find(run)).toMatchObject({ state: 'aborted', reason: 'status 500 for users' });
      expect(await w.of.wish(DISTRICT)).toMatchObject({ failures: 1, dueAt: w.now + MINUTE_MS });
    });

    it('tries at once where asked to, twice at most', async () => {
      const w = await world();
      await w.want({ retries: 'at-once' });
      await w.settle();
      for (const triesLeft of [2, 1, 0]) {
        await w.of.fail(await w.claimed(), `status 500, ${triesLeft} tries left`, 'source');
        await w.settle();
      }
      expect(await w.of.wish(DISTRICT)).toBeNull();
      expect(await w.of.claim('fetcher')).toBeNull();
    });

    it('aborts a run whose fetcher lost its lease, and pulls again under a new generation', async () => {
      const w = await world();
      const lost = await w.opened();
      await w.of.loseFetcherLease();
      await w.settle();
      expect(await w.of.find(lost)).toMatchObject({ state: 'aborted', reason: 'the fetcher lost its lease' });
      expect((await w.claimed()).generation).toBe(lost.generation + 1);
    });

    it('pulls again at most twice when the source moved, then aborts', async () => {
      const w = await world();
      const moved = [{ point: 1, state: 'failed', finding: 'the stamp changed' }] as const;
      let run = await w.opened();
      for (const attempt of [2, 3]) {
        await w.read(run, moved);
        run = await w.claimed();
        expect(await w.of.find(run)).toMatchObject({ state: 'reading' });
        expect(attempt).toBeLessThanOrEqual(3);
      }
      await w.read(run, moved);
      expect(await w.state(run)).toBe('aborted');
      expect(await w.of.wish(DISTRICT)).toMatchObject({ attempt: 1, failures: 1, dueAt: w.now + MINUTE_MS });
    });

    it('pulls again once when references do not close, then holds the sweep', async () => {
      const w = await world();
      const open = [{ point: 5, state: 'failed', finding: '40 enrollments point outside' }] as const;
      await w.read(await w.opened(), open);
      const second = await w.claimed();
      await w.read(second, open);
      expect(await w.state(second)).toBe('held');
      expect(w.kinds()).not.toContain('sweep');
    });

    it('ignores an answer of a lower epoch and aborts on one of a higher', async () => {
      const w = await world();
      w.epochs.fill(2);
      const run = await w.opened();
      await w.of.finish(run, []);
      w.epochs.fill(1);
      w.answerPlanned(run);
      await w.settle();
      expect(await w.state(run)).toBe('read');
      w.epochs[0] = 3;
      w.answerPlanned(run);
      await w.settle();
      expect(await w.of.find(run)).toMatchObject({
        state: 'aborted',
        reason: 'partition 0 went from epoch 2 to 3',
      });
    });

    it('aborts the runs of an older epoch when a partition rebuilds, and opens another by itself', async () => {
      const w = await world();
      const run = await w.opened();
      w.epochs[1] = 2;
      w.report({ kind: 'rebuilding', partition: 1, epoch: 2 });
      await w.settle();
      expect(await w.state(run)).toBe('aborted');
      const next = await w.claimed();
      await w.read(next);
      expect(await w.state(next)).toBe('completed');
    });

    it('aborts a run that a partition could not follow, and opens another by itself', async () => {
      const w = await world();
      const run = await w.opened();
      await w.of.finish(run, []);
      w.report({
        ...{ kind: 'failed', ...run, partition: 1, epoch: 1, marker: 'end' },
        ...{ reason: 'END counts 3 users, 2 were seen', highestGeneration: run.generation },
      });
      await w.settle();
      expect((await w.of.find(run)).reason).toBe('partition 1: END counts 3 users, 2 were seen');
      expect(await w.of.claim('fetcher')).not.toBeNull();
    });

    it('sends a marker again after ten seconds to those who have not answered, and aborts after sixty', async () => {
      const w = await world();
      const run = await w.opened();
      w.silent.add(1);
      await w.of.finish(run, []);
      w.answerPlanned(run);
      await w.settle();
      w.now += 9_000;
      await w.settle();
      expect(w.sent).toHaveLength(1);
      w.now += 2_000;
      await w.settle();
      expect(w.sent.at(-1)).toMatchObject({ marker: { kind: 'ask' }, partitions: [1] });
      w.now += 45_000;
      w.report({ kind: 'busy', partition: 1, epoch: 1, phase: 'planning' });
      await w.settle();
      w.now += 59_999;
      await w.settle();
      expect(await w.state(run)).toBe('read');
      w.now += 1;
      await w.settle();
      expect((await w.of.find(run)).reason).toBe('no report of partition 1 for 60 s');
    });

    it('aborts the run of a district that was suspended', async () => {
      const w = await world();
      const run = await w.opened();
      await w.of.suspend(DISTRICT);
      await w.settle();
      expect(await w.state(run)).toBe('aborted');
      expect(await w.of.wish(DISTRICT)).toBeNull();
    });

    it('lets a sweep end that had begun when its district was suspended', async () => {
      const w = await world();
      w.plans = { users: { active: 3, seen: 3, unchanged: 3 } };
      const run = await w.opened();
      await w.of.finish(run, []);
      w.answerPlanned(run);
      await w.until(async () => (await w.state(run)) === 'sweeping');
      await w.of.suspend(DISTRICT);
      await w.settle();
      expect(await w.state(run)).toBe('completed');
    });

    it('asks for every run and sends the marker of its state again when another coordinator takes over', async () => {
      const w = await world();
      const run = await w.opened();
      w.silent.add(1);
      await w.of.finish(run, []);
      w.silent.clear();
      w.answerPlanned(run);
      w.silent.add(1);
      await w.settle();
      expect(await w.state(run)).toBe('applying');
      const second = w.coordinator('second');
      await second.step();
      expect(second.isActive).toBe(false);
      await w.of.loseCoordinatorLease();
      w.now += 16_000;
      w.silent.clear();
      w.sent.length = 0;
      w.loop = second;
      await w.settle();
      expect(w.kinds().slice(0, 2)).toEqual(['ask', 'apply']);
      expect(w.sent[0]?.marker).toMatchObject({ run });
      expect(await w.state(run)).toBe('completed');
    });

    it('loses nothing when the coordinator that decided wakes after another took over', async () => {
      const w = await world();
      const run = await w.opened();
      const paused = w.loop;
      await w.of.loseCoordinatorLease();
      w.now += 16_000;
      w.loop = w.coordinator('second');
      await w.read(run);
      expect(await w.state(run)).toBe('completed');
      await paused.step();
      expect(paused.isActive).toBe(false);
      expect(await w.state(run)).toBe('completed');
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
  });
}
