import { expect, it } from '@jest/globals';
import { MINUTE_MS, STALE, type MakeWorld, type World } from './world.js';

/** Coordinators that crash, pause and take over. */
export function walkTakeover(world: MakeWorld): void {
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
    expect(w.seen).not.toBeNull();
    await paused.step();
    expect([paused.isActive, w.seen]).toEqual([false, null]);
    expect(await w.state(run)).toBe('completed');
  });

  const EFFECTS = [
    'decision',
    'marker',
    'events',
    'planned',
    'applying',
    'apply',
    'sweeping',
    'sweep',
    'completed',
  ];

  it.each(EFFECTS.flatMap((name) => [`before-${name}`, `after-${name}`]))(
    'completes the run once when its coordinator ends at %s',
    async (name) => {
      const w = await world();
      const run = await w.opened();
      w.crashAt = `coordinator.${name}`;
      await w.of.finish(run, []);
      w.answerPlanned(run);
      await w.settleThroughCrash();
      expect(w.crashAt).toBeNull();
      expect(await w.state(run)).toBe('completed');
      expect(w.moments()).toContain('completed');
      expect(await w.of.claim('fetcher')).toBeNull();
    },
  );

  it.each(['after-decision', 'before-ask', 'after-ask', 'before-opened', 'after-opened', 'after-events'])(
    'opens one run when its coordinator ends at %s',
    async (name) => {
      const w = await world();
      await w.want();
      w.crashAt = `coordinator.${name}`;
      await w.settleThroughCrash();
      expect(w.crashAt).toBeNull();
      expect(await w.of.claim('fetcher')).not.toBeNull();
      expect(await w.of.claim('fetcher')).toBeNull();
      expect(w.moments()).toContain('opened');
    },
  );

  it('sends the ABORT of a run whose coordinator ended between the decision and the marker', async () => {
    const w = await world();
    for (const [end, name] of [
      ['aborted', 'after-aborted'],
      ['rejected', 'before-abort'],
      ['expired', 'after-expired'],
      ['superseded', 'after-opened'],
    ] as const) {
      w.plans = STALE;
      const run = await w.opened();
      await w.read(run);
      w.crashAt = `coordinator.${name}`;
      if (end === 'aborted') {
        w.epochs[0] = (w.epochs[0] ?? 0) + 1;
        w.report({ kind: 'rebuilding', partition: 0, epoch: w.epochs[0] });
      }
      if (end === 'rejected') await w.of.reject(run, (await w.of.find(run)).digest ?? '', w.now);
      if (end === 'expired') w.now += 72 * 60 * MINUTE_MS;
      if (end === 'superseded') await w.want();
      w.sent.length = 0;
      await w.settleThroughCrash();
      expect([end, w.crashAt]).toEqual([end, null]);
      expect(await w.state(run)).toBe(end);
      const aborts = w.sent.filter(({ marker }) => marker.kind === 'abort');
      expect(aborts.map(({ marker }) => marker)).toContainEqual(expect.objectContaining(run));
      await finishOpenRun(w);
    }
  });

  it('owes what a takeover sends until it was sent', async () => {
    const w = await world();
    const run = await w.opened();
    await w.takeOver('second');
    w.logFailure = new Error('no leader');
    await expect(w.loop.step()).rejects.toThrow('no leader');
    w.logFailure = null;
    w.sent.length = 0;
    await w.loop.step();
    expect(w.sent[0]).toMatchObject({ marker: { kind: 'ask', run }, partitions: [0, 1] });
    w.sent.length = 0;
    await w.loop.step();
    expect(w.sent).toEqual([]);
  });

  it('takes over also where the answer to its first lease was lost', async () => {
    const w = await world();
    const run = await w.opened();
    w.silent.add(1);
    await w.read(run);
    w.now += 10 * MINUTE_MS;
    await w.takeOver('second');
    expect(await w.of.views.holdLease('second', 15_000)).toBe('taken');
    w.sent.length = 0;
    await w.settle();
    expect(w.sent[0]).toMatchObject({ marker: { kind: 'ask', run }, partitions: [0, 1] });
    expect(await w.state(run)).toBe('read');
  });

  it('publishes again what the log did not take', async () => {
    const w = await world();
    await w.want();
    w.eventsFailure = new Error('no leader');
    await expect(w.settle()).rejects.toThrow('no leader');
    w.eventsFailure = null;
    await w.settle();
    expect(w.moments()).toEqual(['opened']);
  });

  it('asks again at once, for a wish, those who have not answered the coordinator before', async () => {
    const w = await world();
    w.silent.add(1);
    await w.want();
    await w.settle();
    await w.takeOver('second');
    w.silent.clear();
    w.sent.length = 0;
    await w.settle();
    expect(w.sent[0]).toMatchObject({ marker: { kind: 'ask' }, partitions: [1] });
    expect(await w.of.claim('fetcher')).not.toBeNull();
  });

  it('gives fetchers their time anew to take a run that was opened', async () => {
    const w = await world();
    await w.want();
    await w.settle();
    w.now += 10 * MINUTE_MS;
    await w.takeOver('second');
    await w.settle();
    expect(await w.of.claim('fetcher')).not.toBeNull();
    expect(w.moments()).toEqual(['opened']);
  });

  it('counts no silence from before it took over', async () => {
    const w = await world();
    const run = await w.opened();
    w.silent.add(1);
    await w.read(run);
    w.now += 10 * MINUTE_MS;
    await w.takeOver('second');
    await w.settle();
    expect(await w.state(run)).toBe('read');
    w.now += MINUTE_MS;
    await w.settle();
    expect(await w.state(run)).toBe('aborted');
  });
}

/** Reads whatever run is open, so that the next one can be opened. */
async function finishOpenRun(w: World): Promise<void> {
  const next = await w.of.claim('fetcher');
  if (next === null) return;
  w.plans = { users: { active: 3, seen: 3, unchanged: 3 } };
  await w.read(next);
}
