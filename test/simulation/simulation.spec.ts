import { describe, expect, it } from '@jest/globals';
import { GUARDS } from './guards/guards.js';
import { scheduleOf, simulate } from './simulate.js';
import { runSchedule } from './world/schedule.js';

const SLICES = 12;
const PER_SLICE = 100;
const WITHIN_MS = 300_000;

describe('the protocol under random faults', () => {
  const slices = Array.from({ length: SLICES }, (_, at) => 1 + at * PER_SLICE);
  it.each(slices)(
    `is never violated and ends equal, in ${PER_SLICE} schedules from seed %i`,
    async (seed) => {
      const { violations, completed } = await simulate(seed, PER_SLICE);
      expect(violations.map(({ seed: at, violation }) => `seed ${at}: ${violation ?? ''}`)).toEqual([]);
      expect(completed).toBeGreaterThan(PER_SLICE);
    },
    WITHIN_MS,
  );

  it('gives the same schedule for the same seed', async () => {
    const [first, second] = [await runSchedule(scheduleOf(7)), await runSchedule(scheduleOf(7))];
    expect(second).toEqual(first);
    expect((await runSchedule(scheduleOf(9))).steps).not.toBe(first.steps);
  });
});

describe('the simulation finds what goes wrong when', () => {
  const soon = GUARDS.filter(({ foundWithin }) => foundWithin !== null);
  it.each(soon.map((guard) => [guard.name, guard] as const))(
    'it is no longer so that %s',
    async (_name, { tampering, foundWithin }) => {
      const totals = await simulate(
        1,
        foundWithin ?? 0,
        { tampering },
        ({ violations }) => violations.length > 0,
      );
      expect(totals.violations).toHaveLength(1);
    },
    WITHIN_MS,
  );
});
