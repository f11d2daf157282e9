/*
 * Every fault of the source, each on a district of its own, several side by side. Its run comes to the right state; then,
 * the fault gone, one more run makes Postgres equal the source. Nothing that is shared was archived at any time.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import type { RunView } from './support/coordinator.client.js';
import { Ground } from './support/ground.js';
import type { Fault } from './support/sandbox.client.js';
import { Stir } from './support/stir.js';
import type { SourceCase } from './source/source-case.js';
import { SOURCE_CASES } from './source/source.cases.js';

const PREPARED_WITHIN_MS = 180_000;
const SETTLES_WITHIN_MS = 120_000;
const PAGE_LIMIT = 20;
/** Cases that are played side by side. */
const AT_ONCE = 8;

interface Played {
  readonly districtId: string;
  readonly before: readonly unknown[];
  readonly opened: RunView;
}

describe('a run in which the source is at fault', () => {
  let ground: Ground;
  const played = new Map<SourceCase, Promise<void>>();

  beforeAll(async () => {
    ground = await Ground.open('source_faults', ['--districts', String(SOURCE_CASES.length)], {
      settings: {
        FETCHER_CONCURRENCY: '12',
        FETCHER_PAGE_LIMIT: String(PAGE_LIMIT),
        FETCHER_TIMEOUT_MS: '4000',
        FETCHER_LEASE_MS: '12000', // reading 64 MB takes a while
        RUN_RETRY_MS: '600000', // what was aborted is looked at before it is tried again
      },
      withinMs: SETTLES_WITHIN_MS,
    });
    await ground.startServices();
    const districtIds = await ground.districtIds();
    const first = await Promise.all(districtIds.map((one) => ground.coordinator.runToEnd(one)));
    expect(first.map(({ state }) => state)).toEqual(districtIds.map(() => 'completed'));
    playAll(districtIds);
  }, PREPARED_WITHIN_MS);
  afterAll(() => ground.close());

  /** Some at once, each behind the one so many before it. */
  function playAll(districtIds: readonly string[]): void {
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    for (const [at, fault] of SOURCE_CASES.entries()) {
      const before = lanes[at % AT_ONCE] ?? Promise.resolve();
      const playing = before.then(() => play(districtIds[at] ?? '', fault));
      played.set(fault, playing);
      lanes[at % AT_ONCE] = playing.catch(() => undefined); // told where it is awaited
    }
  }

  async function play(districtId: string, fault: SourceCase): Promise<void> {
    await expectOutcome(fault, await begin(districtId, fault));
    const hits = await ground.sandbox.hitsOf(districtId);
    expect(hits).toEqual(hits.map((count) => Math.max(1, count)));
    await ground.sandbox.noFaults(districtId);
    await fault.mends?.(ground.sandbox, districtId);
    const next = await ground.coordinator.settled(await openWithoutFault(districtId));
    expect([next.state, next.why]).toEqual(['completed', null]);
    await ground.expectEqual(districtId);
  }

  /** Changes the district, switches the fault on, and opens a run. */
  async function begin(districtId: string, { faults = [], lateFault, edits }: SourceCase): Promise<Played> {
    const { sandbox, coordinator } = ground;
    await new Stir(sandbox, districtId).stir();
    if (edits !== undefined) await sandbox.edit(districtId, await edits(sandbox, districtId));
    const before = await rowsOf(districtId);
    const all = [...faults, ...(lateFault === undefined ? [] : [lateFault()])];
    for (const fault of all) await sandbox.fault({ ...fault, districtId } as Fault);
    return { districtId, before, opened: await coordinator.open(districtId) };
  }

  const rowsOf = (districtId: string) =>
    Promise.all(ENTITY_TYPES.map((type) => ground.rows.of(districtId, type)));

  /** A pull that was repeated at once may be under way and have met the fault: the next one is what counts. */
  async function openWithoutFault(districtId: string): Promise<RunView> {
    const [last] = await ground.coordinator.runs(districtId);
    let run = await ground.coordinator.open(districtId);
    while (run.generation <= (last?.generation ?? 0)) {
      await endOf(run);
      run = await ground.coordinator.open(districtId);
    }
    return run;
  }

  /** How the opened run ended, whatever follows it. */
  function endOf(run: RunView): Promise<RunView> {
    return ground.fleet.until(
      'the run ended',
      async () => {
        const now = await ground.coordinator.run(run);
        return (now.state === 'aborted' || now.state === 'held' || now.state === 'completed') && now;
      },
      SETTLES_WITHIN_MS,
    );
  }

  async function expectOutcome(
    { outcome }: SourceCase,
    { districtId, before, opened }: Played,
  ): Promise<void> {
    switch (outcome.is) {
      case 'completed': {
        const run = await ground.coordinator.settled(opened);
        expect([run.state, run.why, run.generation]).toEqual(['completed', null, opened.generation]);
        await ground.expectEqual(districtId);
        return;
      }
      case 'pulled again': {
        expect((await endOf(opened)).state).toBe('aborted');
        const run = await ground.coordinator.settled(opened);
        expect([run.state, run.why]).toEqual(['completed', null]);
        await ground.expectEqual(districtId);
        return;
      }
      case 'aborted': {
        const run = await endOf(opened);
        expect([run.state, run.why]).toEqual(['aborted', expect.stringMatching(outcome.why)]);
        expect(await rowsOf(districtId)).toEqual(before);
        return;
      }
      case 'held': {
        const run = await ground.coordinator.settled(opened);
        expect([run.state, run.guard]).toEqual([
          'held',
          expect.arrayContaining([expect.objectContaining({ rule: outcome.rule })]),
        ]);
        const archivedOf = (rows: readonly (readonly { archived_at: unknown }[])[]): number =>
          rows.flat().filter(({ archived_at }) => archived_at !== null).length;
        expect(archivedOf(await rowsOf(districtId))).toBe(archivedOf(before as never));
      }
    }
  }

  it.each(SOURCE_CASES.map((one) => [one.name, one.outcome.is, one] as const))(
    '%s: %s',
    async (_name, _outcome, fault) => played.get(fault),
    2 * SETTLES_WITHIN_MS,
  );
});
