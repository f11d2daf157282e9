/*
 * The guards of the protocol that can be taken away in the simulation, and how many of 10,000 schedules went wrong
 * without each when the protocol was first checked. Nothing of this is reachable from the services.
 */
import type { TrapKind } from '../traps/traps.js';
import type { ScheduleOptions } from '../world/schedule.js';
import { together, type Tampering } from '../world/surroundings.js';
import * as other from './other-guards.js';
import * as marker from './marker-guards.js';
import * as rebuild from './rebuild-guards.js';
import * as reconciler from './reconciler-guards.js';

export interface Guard {
  readonly name: string;
  /** Of 10,000 schedules; null: not counted then. */
  readonly expected: number | null;
  readonly tampering: Tampering;
  /** The simulation sees it within so many schedules; null: not sought, the guard in front of it still holds. */
  readonly foundWithin: number | null;
}

const withoutGuard = (
  name: string,
  expected: number | null,
  tampering: Tampering,
  foundWithin: number | null = null,
): Guard => ({ name, expected, tampering, foundWithin });

export const GUARDS: readonly Guard[] = [
  withoutGuard('a half-read snapshot is never resumed', 233, other.resumedSnapshot, 600),
  withoutGuard('the proof of completeness is in the ledger', 105, other.unprovenPull, 300),
  withoutGuard('a decision is in the ledger before its marker is sent', 1031, other.markerFirst, 400),
  withoutGuard('a closed run never changes again', 950, other.unconditionalWrites, 8000),
  withoutGuard('every wait has a deadline', 533, other.noDeadlines, 160),
  withoutGuard('position, entries and marks are read in one call', 35, reconciler.readInTwo, 40),
  withoutGuard('events are acknowledged before they are indexed', 380, reconciler.emitAfterApply, 80),
  withoutGuard('compare-and-set compares next', 948, reconciler.withoutComparing('next'), 2000),
  withoutGuard('compare-and-set compares applyNext', 65, reconciler.withoutComparing('applyNext'), 2000),
  withoutGuard('the position in the index says where to read', 674, reconciler.readWhereKafkaSays, 240),
  withoutGuard('messages of an older generation are ignored', 124, reconciler.olderGenerations, 3000),
  withoutGuard('a quarantined record counts as seen', 697, reconciler.quarantinedUnseen, 400),
  withoutGuard('END is believed only if count and xor agree', 289, reconciler.uncheckedEnd, 4800),
  withoutGuard('APPLY needs planned, SWEEP needs applied', 181, reconciler.anyPhase, 1000),
  withoutGuard('the worklist is made in one call with the conditions', 230, reconciler.staleLater, 8000),
  withoutGuard(
    'a chunk acts only on ids that it took from the worklist itself',
    180,
    reconciler.archiveTwice,
    6000,
  ),
  withoutGuard('a consumer applies an event only if its generation is higher', 87, other.anyGeneration, 1600),
  withoutGuard('the raw log is fenced first', 525, rebuild.rawFenceLast, 400),
  withoutGuard('a rebuild that finds another fence first starts again', 9, rebuild.deafToFences, 100),
  withoutGuard('the key of a fence is its epoch and its author', 40, other.sharedFenceKey, 10000),
  withoutGuard('a fence of a change topic is sent once', null, rebuild.fencedAgain, 40),
  withoutGuard('a position counts only where the raw log holds its fence', null, rebuild.fenceBelieved, 40),
  withoutGuard('a fold honours fences', 132, rebuild.unfencedFold, 4000),
  withoutGuard('a fold digests what it reads', null, rebuild.undigestedFold, 80),
  withoutGuard('fresh keys are checked before a position is set', 128, rebuild.uncheckedInstall, 2400),
  withoutGuard('a consumer ignores fenced events', 53, other.deafConsumer, 1200),
  withoutGuard('a fence is kept in the same transaction as the rows', 160, other.fencesLater, 2400),
  withoutGuard('during a first read only the last watermark is compared', 638, other.noFirstRead, 1000),
  withoutGuard('shadows lead to a refresh', 399, other.noRefresh, 1200),
];

const withoutBoth = (
  name: string,
  expected: number | null,
  [first, second]: readonly [Tampering, Tampering],
  foundWithin: number | null = null,
): Guard => ({ name, expected, tampering: together(first, second), foundWithin });

/** Second lines, each together with the guard in front of it. */
export const PAIRS: readonly Guard[] = [
  withoutBoth(
    'a BEGIN must be seen, and END is believed only if count and xor agree',
    300,
    [reconciler.uncheckedEnd, marker.unknownBegin],
    3200,
  ),
  withoutBoth(
    'a repeated BEGIN changes nothing, and APPLY and SWEEP need their phase',
    360,
    [reconciler.anyPhase, marker.repeatedBegin],
    800,
  ),
  withoutBoth(
    'a marker is answered again, and every wait has a deadline',
    520,
    [marker.neverGivenUp, marker.answeredOnce],
    2800,
  ),
  withoutBoth(
    'another fence wins a rebuild, and so does another position',
    470,
    [rebuild.deafToFences, rebuild.installOver],
    100,
  ),
  withoutBoth(
    'a rebuild takes away a position of an older epoch, and a position names its fence',
    null,
    [rebuild.positionKept, rebuild.fenceBelieved],
    40,
  ),
  withoutBoth(
    'an id is sent once, and what has this generation is passed over',
    6,
    [other.sentAgain, reconciler.appliedAgain],
    3000,
  ),
];

/** The second lines alone: the guard in front of each still holds. */
export const SECONDS: readonly Guard[] = [
  withoutGuard('a BEGIN must be seen', null, marker.unknownBegin),
  withoutGuard('a repeated BEGIN changes nothing', null, marker.repeatedBegin),
  withoutGuard('a marker is answered again', null, marker.answeredOnce),
  withoutGuard('another position wins a rebuild', null, rebuild.installOver),
  withoutGuard('a rebuild takes away a position of an older epoch', null, rebuild.positionKept),
  withoutGuard('an id is sent once', null, other.sentAgain),
  withoutGuard('what has this generation is passed over', null, reconciler.appliedAgain),
];

/** Without these something goes wrong mostly in schedules that meet the rarer troubles. */
const WILD: ReadonlySet<string> = new Set([
  'compare-and-set compares applyNext',
  'messages of an older generation are ignored',
  'an id is sent once, and what has this generation is passed over',
]);

/** Without these something goes wrong too seldom to be met by chance. */
const TRAPS: Readonly<Partial<Record<string, TrapKind>>> = {
  'a half-read snapshot is never resumed': 'reader-replaced',
  'the proof of completeness is in the ledger': 'pull-cut',
  'position, entries and marks are read in one call': 'redis-back-in-read',
  'a fence of a change topic is sent once': 'event-between-fences',
  'a position counts only where the raw log holds its fence': 'redis-back-in-new-log',
  'a rebuild takes away a position of an older epoch, and a position names its fence':
    'log-outgrows-position',
  'a rebuild that finds another fence first starts again': 'rebuilt-by-two',
  'another fence wins a rebuild, and so does another position': 'rebuilt-by-two',
};

/** A schedule in which a guard is away, as it is sought. */
export function without(name: string, schedule: ScheduleOptions): ScheduleOptions {
  const found = [...GUARDS, ...PAIRS, ...SECONDS].find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`no guard is called: ${name}`);
  const trap = TRAPS[name];
  const sought = { ...schedule, tampering: found.tampering, isWilder: WILD.has(name) };
  return trap === undefined ? sought : { ...sought, trap };
}
