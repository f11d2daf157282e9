import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GUARDS, PAIRS } from './guards/guards.js';
import { Pool, type Found } from './pool.js';
import { REGRESSIONS } from './regressions.js';
import { add, noTotals, scheduleOf } from './simulate.js';
import { TRAP_KINDS } from './traps/traps.js';
import { runSchedule } from './world/schedule.js';

const SCHEDULES = 20_000;
const SEED = 1;
/** So many with each trap. */
const TRAPPED = 300;
/** Of these, so many at least must have been sprung. */
const SPRUNG = 5;
/** On a machine that is slow, or busy with other things, a schedule takes ten times as long. */
const WITHIN_MS = 2_700_000;

const guards = [...GUARDS, ...PAIRS];
let pool: Pool;

beforeAll(() => {
  pool = new Pool(new URL('../../dist/test/simulation/worker.js', import.meta.url));
});

afterAll(async () => pool.close());

describe('the protocol under random faults', () => {
  it(
    `is never violated and ends equal, in ${SCHEDULES} schedules`,
    async () => {
      const totals = noTotals();
      await pool.run(SEED, SCHEDULES, (results) => {
        for (const result of results) add(totals, result);
      });
      expect(totals.violations.map(({ seed, violation }) => `seed ${seed}: ${violation ?? ''}`)).toEqual([]);
      expect(totals.schedules).toBe(SCHEDULES);
      expect(totals.completed).toBeGreaterThan(SCHEDULES);
    },
    WITHIN_MS,
  );

  it.each(TRAP_KINDS)(
    'is never violated where %s is brought about on purpose',
    async (trap) => {
      const totals = noTotals();
      await pool.run(SEED, TRAPPED, (results) => results.forEach((result) => add(totals, result)), trap);
      expect(totals.violations.map(({ seed, violation }) => `seed ${seed}: ${violation ?? ''}`)).toEqual([]);
      expect(totals.faults[trap]).toBeGreaterThan(SPRUNG);
    },
    WITHIN_MS,
  );

  it.each(REGRESSIONS.map(({ schedule, was }) => [schedule.seed, was, schedule] as const))(
    'goes well in schedule %i, where once %s',
    async (_seed, _was, schedule) => {
      expect((await runSchedule(schedule)).violation).toBeNull();
    },
  );

  it('gives the same schedule for the same seed', async () => {
    const [first, second] = [await runSchedule(scheduleOf(7)), await runSchedule(scheduleOf(7))];
    expect(second).toEqual(first);
    expect((await runSchedule(scheduleOf(9))).steps).not.toBe(first.steps);
  });
});

describe('the simulation finds what goes wrong when', () => {
  const found = new Map<string, Found>();

  beforeAll(async () => {
    const orders = guards.map(
      ({ name, foundWithin }) =>
        ({ kind: 'find', guard: name, seed: SEED, count: foundWithin ?? 0 }) as const,
    );
    await pool.find(orders, (one) => void found.set(one.guard, one));
  }, WITHIN_MS);

  it.each(guards.map(({ name }) => [name]))('it is no longer so that %s', (name) => {
    expect(found.get(name)?.violated).toMatchObject({ violation: expect.any(String) });
  });
});
