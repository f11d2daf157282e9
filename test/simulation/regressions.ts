/* Schedules that once ended in a violation, as they were then: seed and options decide everything. */
import { scheduleOf } from './simulate.js';
import type { ScheduleOptions } from './world/schedule.js';

export interface Regression {
  readonly schedule: ScheduleOptions;
  /** What was wrong, and with what. */
  readonly was: string;
}

const STRAGGLER =
  'the simulation compacted the topics before the persister had read, and a run had mended, what a zombie wrote last';

export const REGRESSIONS: readonly Regression[] = [1858, 2223, 2361, 3605, 3915].map((seed) => ({
  schedule: scheduleOf(seed),
  was: STRAGGLER,
}));
