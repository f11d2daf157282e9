/* Many schedules, one seed each; and, for one that went wrong, the shortest one like it. */
import { ALL_KINDS, type FaultKind } from './world/faults.js';
import { runSchedule, type ScheduleOptions, type ScheduleResult } from './world/schedule.js';

/** Every so many schedules one is long: some faults only show then. */
const LONG_ONE_IN = 13;
const LONGER = 7;
/** Steps under faults, by partition. */
const SHORT_STEPS = 450;
const TWO_DISTRICTS_ONE_IN = 3;
/** Of four, the last two meet the rarer troubles besides. */
const OF_FOUR = 4;
const WILDER_FROM = 2;

export interface Totals {
  schedules: number;
  steps: number;
  messages: number;
  completed: number;
  readonly faults: Record<string, number>;
  readonly violations: ScheduleResult[];
}

export function noTotals(): Totals {
  return { schedules: 0, steps: 0, messages: 0, completed: 0, faults: {}, violations: [] };
}

/** What a seed stands for. */
export function scheduleOf(seed: number): ScheduleOptions {
  const partitions = 1 + (seed % 2);
  return {
    seed,
    steps: SHORT_STEPS * partitions * (seed % LONG_ONE_IN === 0 ? LONGER : 1),
    districts: seed % TWO_DISTRICTS_ONE_IN === 0 ? 2 : 1,
    partitions,
    isWilder: seed % OF_FOUR >= WILDER_FROM,
  };
}

export function add(totals: Totals, result: ScheduleResult): void {
  totals.schedules += 1;
  totals.steps += result.steps;
  totals.messages += result.messages;
  totals.completed += result.completed;
  for (const [kind, count] of Object.entries(result.faults))
    totals.faults[kind] = (totals.faults[kind] ?? 0) + count;
  if (result.violation !== null) totals.violations.push(result);
}

/** The schedules of `count` seeds from `seed` on, until `enough` says so. */
export async function simulate(
  seed: number,
  count: number,
  options: Pick<ScheduleOptions, 'tampering'> = {},
  enough: (totals: Totals) => boolean = () => false,
): Promise<Totals> {
  const totals = noTotals();
  for (let at = 0; at < count && !enough(totals); at += 1) {
    add(totals, await runSchedule({ ...scheduleOf(seed + at), ...options }));
  }
  return totals;
}

/** Leaves out kinds of faults, then steps, as long as a violation remains. */
export async function shorten(options: ScheduleOptions): Promise<ScheduleOptions> {
  let shortest = options;
  const isBad = async (candidate: ScheduleOptions): Promise<boolean> =>
    (await runSchedule(candidate)).violation !== null;
  for (const kind of ALL_KINDS) {
    const without = new Set<FaultKind>([...(shortest.without ?? []), kind]);
    if (await isBad({ ...shortest, without })) shortest = { ...shortest, without };
  }
  for (let cut = shortest.steps >> 1; cut >= 16; cut >>= 1) {
    while (shortest.steps > cut && (await isBad({ ...shortest, steps: shortest.steps - cut })))
      shortest = { ...shortest, steps: shortest.steps - cut };
  }
  return shortest;
}
