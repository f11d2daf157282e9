import { expect, it } from '@jest/globals';
import type { RunKey } from '#contracts';
import { DISTRICT, MINUTE_MS, type MakeWorld, type World } from './world.js';

/** What failures of fetchers, partitions and districts lead to. */
export function walkTroubles(world: MakeWorld): void {
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

  it('aborts a run that no fetcher takes while none reads, and tries again at once, then after a pause', async () => {
    const w = await world();
    await w.want();
    await w.settle();
    for (const pauseMs of [0, MINUTE_MS]) {
      const run = await runNotTaken(w);
      w.now += 5 * MINUTE_MS - 1;
      await w.settle();
      expect(await w.state(run)).toBe('opened');
      w.now += 1;
      await w.settle();
      const { state, reason } = await w.of.find(run);
      expect([state, reason]).toEqual(['aborted', 'no fetcher took it for 300 s']);
      expect((await w.of.wish(DISTRICT))?.dueAt ?? w.now).toBe(w.now + pauseMs);
    }
    expect(w.moments()).toEqual(['opened', 'aborted', 'opened', 'aborted']);
  });

  it('lets a run wait for its turn while a fetcher reads another, and counts only from there', async () => {
    const w = await world();
    await w.of.addDistrict('d-2');
    const read = await w.opened();
    await w.want({ districtId: 'd-2' });
    await w.settle();
    const waiting = await runNotTaken(w);
    w.now += 60 * MINUTE_MS;
    await w.settle();
    expect(await w.state(waiting)).toBe('opened');
    await w.read(read);
    w.now += 5 * MINUTE_MS - 1;
    await w.settle();
    expect(await w.state(waiting)).toBe('opened');
    w.now += 1;
    await w.settle();
    expect(await w.state(waiting)).toBe('aborted');
  });

  it('aborts a run whose fetcher lost its lease, and pulls again under a new generation', async () => {
    const w = await world();
    const lost = await w.opened();
    await w.of.loseFetcherLease();
    await w.settle();
    expect(await w.of.find(lost)).toMatchObject({ state: 'aborted', reason: 'the fetcher lost its lease' });
    expect((await w.claimed()).generation).toBe(lost.generation + 1);
  });

  it.each([1, 2, 3])(
    'pulls again at most twice when point %d of the proof failed, then aborts',
    async (point) => {
      const w = await world();
      const run = await readThreeTimes(w, await w.opened(), point);
      expect(await w.state(run)).toBe('aborted');
      expect(w.kinds()).not.toContain('apply');
      expect(await w.of.wish(DISTRICT)).toMatchObject({ attempt: 1, failures: 1, dueAt: w.now + MINUTE_MS });
    },
  );

  it('tries no more, where tries are at once, when the last pull was not complete either', async () => {
    const w = await world();
    const run = await readThreeTimes(w, await w.opened({ retries: 'at-once' }), 1);
    expect(await w.state(run)).toBe('aborted');
    expect([await w.of.wish(DISTRICT), await w.of.claim('fetcher')]).toEqual([null, null]);
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

  it('opens a run at once in the place of one whose fetcher was told to stop', async () => {
    const w = await world();
    const run = await w.opened();
    await w.of.fail(run, 'the fetcher was stopped', 'own');
    await w.settle();
    expect(await w.of.find(run)).toMatchObject({ state: 'aborted', reason: 'the fetcher was stopped' });
    expect((await w.claimed()).generation).toBe(run.generation + 1);
  });

  it('never plans what does not add up: the run ends, with an alarm, and is tried again after a pause', async () => {
    const w = await world();
    w.plans = { users: { created: -1, seen: 3 } };
    const run = await w.opened();
    await w.read(run);
    const fault = 'the plan of partition 0 for users has a count that is none';
    expect(await w.of.find(run)).toMatchObject({ state: 'aborted', reason: fault, digest: null });
    expect(w.alarms).toEqual([fault]);
    expect(await w.of.wish(DISTRICT)).toMatchObject({ failures: 1, dueAt: w.now + MINUTE_MS });
  });
}

/** Reads a run and the two in its place, each with this point failed; the last of them. */
async function readThreeTimes(w: World, first: RunKey, point: number): Promise<RunKey> {
  const proof = [{ point, state: 'failed', finding: 'why' }] as const;
  await w.read(first, proof);
  await w.read(await w.claimed(), proof);
  const last = await w.claimed();
  await w.read(last, proof);
  return last;
}

/** The run that was opened and waits for a fetcher. */
async function runNotTaken(w: World): Promise<RunKey> {
  const [run] = (await w.of.views.load(w.now)).runs.filter(({ state }) => state === 'opened');
  if (run === undefined) throw new Error('no run waits');
  return { districtId: run.districtId, generation: run.generation };
}
