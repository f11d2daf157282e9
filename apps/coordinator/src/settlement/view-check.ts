/* Nonsense from the ledger stops the coordinator: nothing is guessed from it, and nothing decided. */
import { isEntityType, OPEN_RUN_STATES } from '#contracts';
import type { LedgerView } from './ports.js';
import type { OpenRun } from './runs.js';

/** A port answered what cannot be. */
export class NonsenseError extends Error {
  override readonly name = 'NonsenseError';
}

type LeaseAnswer = 'taken' | 'kept' | 'elsewhere';

export function requireSaneClock(now: number): number {
  requireTime(now, 'the time of the ledger');
  return now;
}

export function requireSaneLease(answer: LeaseAnswer): LeaseAnswer {
  if (answer === 'taken' || answer === 'kept' || answer === 'elsewhere') return answer;
  throw new NonsenseError(`the lease is neither taken, kept nor elsewhere: ${String(answer)}`);
}

/** Throws NonsenseError with what is wrong. */
export function requireSane(view: LedgerView): void {
  for (const run of view.runs) requireSaneRun(run);
  for (const { districtId, generation } of view.unannounced) {
    requireCount(generation, `the generation of a closed run of ${districtId}`);
  }
  requireSaneRefreshes(view);
  for (const { partition, epoch, heardAt, rebuildingAt } of view.partitions) {
    requireCount(partition, 'the partition of a report');
    requireCount(epoch, `the epoch of partition ${partition}`);
    requireTime(heardAt, `the last report of partition ${partition}`);
    if (rebuildingAt !== null) requireTime(rebuildingAt, `the rebuild of partition ${partition}`);
  }
  for (const { id, generation } of view.events) {
    requireCount(id, 'the number of an event');
    requireCount(generation, `the generation of event ${id}`);
  }
  requireSaneAskings(view);
}

function requireSaneRefreshes({ refreshes, refreshesDue, drifts }: LedgerView): void {
  requireCount(refreshesDue, 'the number of refreshes');
  requireCount(drifts, 'the number of drifts');
  for (const { districtId, types, refreshedAt } of refreshes) {
    const unknown = types.find((type) => !isEntityType(type));
    if (unknown !== undefined) throw new NonsenseError(`${districtId} is to send again ${String(unknown)}`);
    if (refreshedAt !== null) requireTime(refreshedAt, `the last refresh of ${districtId}`);
  }
}

function requireSaneAskings({ askings }: LedgerView): void {
  for (const { askedAt, askedAgainAt, answers } of askings) {
    requireTime(askedAt, 'the time of an ASK');
    requireTime(askedAgainAt, 'the time of an ASK');
    for (const { partition, epoch } of answers) {
      requireCount(partition, 'the partition of an answer');
      requireCount(epoch, `the epoch that partition ${partition} answered`);
    }
  }
}

function requireSaneRun(run: OpenRun): void {
  const name = `run ${run.districtId}/${run.generation}`;
  if (!OPEN_RUN_STATES.includes(run.state)) throw new NonsenseError(`${name} is in no known state`);
  requireCount(run.generation, `the generation of ${name}`);
  requireCount(run.attempt, `the attempt of ${name}`);
  requireCount(run.failures, `the failures of ${name}`);
  requireTime(run.openedAt, `the opening of ${name}`);
  requireTime(run.stateAt, `the state of ${name}`);
  if (run.markerAt !== null) requireTime(run.markerAt, `the marker of ${name}`);
  for (const epoch of Object.values(run.epochs)) requireCount(epoch, `an epoch of ${name}`);
  const { planned, applied, swept } = run.answered;
  for (const answered of [planned, applied, swept]) {
    for (const partition of answered) requireCount(partition, `a partition of ${name}`);
    if (new Set(answered).size !== answered.length) {
      throw new NonsenseError(`${name} has two answers of one partition`);
    }
  }
}

function requireCount(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new NonsenseError(`${what} is no count: ${value}`);
}

function requireTime(value: number, what: string): void {
  if (!Number.isFinite(value)) throw new NonsenseError(`${what} is no time: ${value}`);
}
