/*
 * The guards of the protocol that can be taken away in the simulation, and how many of 10,000 schedules went wrong
 * without each when the protocol was first checked. Nothing of this is reachable from the services.
 */
import type { Tampering } from '../world/services.js';
import * as other from './other-guards.js';
import * as reconciler from './reconciler-guards.js';

export interface Guard {
  readonly name: string;
  /** Of 10,000 schedules. */
  readonly expected: number;
  readonly tampering: Tampering;
  /** The simulation sees it within so many schedules; null: not yet. */
  readonly foundWithin: number | null;
}

const guard = (
  name: string,
  expected: number,
  tampering: Tampering,
  foundWithin: number | null = null,
): Guard => ({ name, expected, tampering, foundWithin });

export const GUARDS: readonly Guard[] = [
  guard('a half-read snapshot is never resumed', 233, other.resumedSnapshot, 400),
  guard('the proof of completeness is in the ledger', 105, other.unprovenPull, 100),
  guard('a decision is in the ledger before its marker is sent', 1031, other.markerFirst, 40),
  guard('a closed run never changes again', 950, other.unconditionalWrites, 200),
  guard('every wait has a deadline', 533, other.noDeadlines),
  guard('position, entries and marks are read in one call', 35, reconciler.readInTwo),
  guard('events are acknowledged before they are indexed', 380, reconciler.emitAfterApply, 20),
  guard('compare-and-set compares next', 948, reconciler.withoutComparing('next'), 250),
  guard('compare-and-set compares applyNext', 65, reconciler.withoutComparing('applyNext'), 400),
  guard('the position in the index says where to read', 674, reconciler.readWhereKafkaSays, 60),
  guard('messages of an older generation are ignored', 124, reconciler.olderGenerations),
  guard('a quarantined record counts as seen', 697, reconciler.quarantinedUnseen, 100),
  guard('END is believed only if count and xor agree', 289, reconciler.uncheckedEnd, 60),
  guard('APPLY needs planned, SWEEP needs applied', 181, reconciler.anyPhase, 100),
  guard('the worklist is made in one call with the conditions', 230, reconciler.staleLater),
  guard('a chunk acts only on ids that it took from the worklist itself', 180, reconciler.archiveTwice, 400),
  guard('a consumer applies an event only if its generation is higher', 87, other.anyGeneration),
  guard('a rebuild that finds another fence first starts again', 9, reconciler.deafToFences),
  guard('the key of a fence is its epoch and its author', 40, other.sharedFenceKey, 300),
  guard('a fold honours fences', 132, reconciler.unfencedFold, 150),
  guard('fresh keys are checked before a position is set', 128, reconciler.uncheckedInstall, 20),
  guard('a consumer ignores fenced events', 53, other.deafConsumer, 300),
  guard('a fence is kept in the same transaction as the rows', 160, other.fencesLater, 400),
  guard('during a first read only the last watermark is compared', 638, other.noFirstRead, 250),
  guard('shadows lead to a refresh', 399, other.noRefresh, 100),
];
