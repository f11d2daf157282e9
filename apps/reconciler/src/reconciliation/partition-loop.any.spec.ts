import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyAndSweep, snapshotMessages } from '../../test/district.fixture.js';
import { deliver } from '../../test/memory.logs.js';
import {
  contentsOf,
  digestOf,
  inMemory,
  sharedContents,
  type PartitionGround,
} from '../../test/partition.ground.js';

const contents = fc.constantFrom('v1', 'v2', 'v3', 'withdrawn');
const records = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), contents);
const snapshot = fc.record({ orgs: records, users: records, enrollments: records });
const snapshots = fc.array(snapshot, { minLength: 1, maxLength: 4 });
const refresh = fc.subarray(['orgs', 'users', 'enrollments'] as const);

class Crash extends Error {}

describe('for any sequence of snapshots', () => {
  it('folding the change events gives the last one, and the watermarks its digest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(snapshot, refresh), { minLength: 1, maxLength: 5 }),
        async (runs) => {
          const ground = inMemory();
          await ground.ask();
          for (const [at, [shared, refreshed]] of runs.entries())
            await ground.run(10 + at, shared, refreshed);
          expect(contentsOf(ground.logs)).toEqual(sharedContents(runs.at(-1)?.[0] ?? {}));
          expectWatermarks(ground);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('a crash before any append, and redelivery, change nothing of that', async () => {
    await fc.assert(
      fc.asyncProperty(snapshots, dice(), async (runs, rolls) => {
        const ground = inMemory();
        await ground.ask();
        ground.logs.beforeAppend = () => crashOn(rolls);
        for (const [at, shared] of runs.entries()) {
          ground.logs.append(...snapshotMessages(10 + at, shared), ...applyAndSweep(10 + at));
          await throughCrashes(() => deliver(ground.loop(), ground.logs, 0n));
        }
        expect(contentsOf(ground.logs)).toEqual(sharedContents(runs.at(-1) ?? {}));
      }),
      { numRuns: 100 },
    );
  });

  it('losing the index between runs and crashing at any failpoint of the rebuild change nothing of that', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(snapshot, fc.boolean()), { minLength: 2, maxLength: 4 }),
        dice(),
        lose,
      ),
      { numRuns: 100 },
    );
  });
});

async function lose(
  runs: readonly (readonly [Parameters<typeof sharedContents>[0], boolean])[],
  rolls: Iterator<number>,
): Promise<void> {
  const ground = inMemory();
  await ground.ask();
  for (const [at, [shared, isLost]] of runs.entries()) {
    if (isLost) {
      ground.index.flush();
      ground.logs.append({ kind: 'ask', nonce: 'after the loss' });
      ground.atFailpoint = () => crashOn(rolls);
      await throughCrashes(() => ground.follow());
      ground.atFailpoint = () => undefined;
    }
    await ground.run(10 + at, shared);
    expect(contentsOf(ground.logs)).toEqual(sharedContents(shared));
    expectWatermarks(ground);
  }
}

function dice() {
  return fc.infiniteStream(fc.integer({ min: 0, max: 5 }));
}

function crashOn(rolls: Iterator<number>): void {
  if (rolls.next().value === 0) throw new Crash();
}

async function throughCrashes(act: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    try {
      await act();
      return;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
  }
  throw new Error('it never came through');
}

function expectWatermarks({ logs }: PartitionGround): void {
  for (const type of ['orgs', 'users', 'enrollments'] as const) {
    const watermark = logs.watermarks.findLast(({ entityType }) => entityType === type);
    expect(watermark).toMatchObject(digestOf(logs, type));
  }
}
