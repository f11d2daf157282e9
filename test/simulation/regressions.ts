/*
 * Schedules that once ended in a violation. Seed and options decide everything in one version of the world; what the
 * world has learnt since changes what a seed stands for, so each finding is also named by a spec where its rule is.
 */
import { scheduleOf } from './simulate.js';
import type { ScheduleOptions } from './world/schedule.js';

export interface Regression {
  readonly schedule: ScheduleOptions;
  /** What was wrong, and with what. */
  readonly was: string;
}

const STRAGGLER =
  'the simulation compacted the topics before the persister had read, and a run had mended, what a zombie wrote last';

const LOST_SHADOW =
  'the report of a shadow was acknowledged and lost, and the drift of a newcomer, which is right, was called wrong';

const SWEEP_IN_CIRCLES =
  'Redis went back, at the same position, to a worklist that was empty, and the sweep was never closed';

const LOST_REFRESH =
  'the event of a refresh, of a record that was as published, was acknowledged and lost: only its generation was missing';

const QUARANTINED_ARCHIVE =
  'a refresh passed over an archived record that came quarantined, and compaction left newcomers a fenced event of it alone';

const GROWN_ANEW =
  'a raw log was made anew, a rebuild ended between its fences with its report lost, and the log grew beyond the old position: ' +
  'the next worker went on from there, and every consumer passed over what it sent as fenced';

const UNSEEN_LOSS =
  'the event of a refresh, or the report of a shadow, was acknowledged and lost, and what it was to mend was asked of newcomers';

const UNTOLD_ROW =
  'the report of a shadow was lost, compaction left a fenced event alone, and copies held a record that nobody could tell of any more: ' +
  'its drift called for a refresh for ever, and only an operator can repair it';

const LAST_REBUILD =
  'what a zombie wrote last had a partition built anew, and the index was looked at before that was done';

const BACK_IN_NEW_LOG =
  'a raw log was made anew during an APPLY, and Redis was set back to a position that the new log had already reached: ' +
  'nothing was replayed, and the index had forgotten what the old log had brought';

const all = (seeds: readonly number[], was: string): readonly Regression[] =>
  seeds.map((seed) => ({ schedule: { ...scheduleOf(seed), isWilder: false }, was }));

export const REGRESSIONS: readonly Regression[] = [
  ...all([1858, 2223, 2361, 3605, 3915], STRAGGLER),
  ...all([18373], LOST_SHADOW),
  ...all([10842], SWEEP_IN_CIRCLES),
  ...all([74477], LOST_REFRESH),
  ...all([154947], QUARANTINED_ARCHIVE),
  ...[2005442, 1074938].map((seed) => ({ schedule: scheduleOf(seed), was: GROWN_ANEW })),
  ...[38077, 17940, 1029964, 1055704].map((seed) => ({ schedule: scheduleOf(seed), was: UNSEEN_LOSS })),
  { schedule: scheduleOf(3060850), was: UNTOLD_ROW },
  { schedule: scheduleOf(3080779), was: LAST_REBUILD },
  { schedule: scheduleOf(31137871), was: BACK_IN_NEW_LOG },
];
