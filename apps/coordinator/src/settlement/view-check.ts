/* Nonsense from the ledger stops the coordinator: nothing is guessed from it, and nothing decided. */
import { OPEN_RUN_STATES } from '#contracts';
import type { LedgerView } from './ports.js';
import type { OpenRun } from './runs.js';

/** A port answered what cannot be. */
export class NonsenseError extends Error {
  override readonly name = 'NonsenseError';
}

type LeaseAnswer = 'taken' | 'kept' | 'elsewhere';

export function requireSaneLease(answer: LeaseAnswer): LeaseAnswer {
  if (answer === 'taken' || answer === 'kept' || answer === 'elsewhere') return answer;
  throw new NonsenseError(`the lease is neither taken, kept nor elsewhere: ${String(answer)}`);
}

/** Throws NonsenseError with what is wrong. */
export function requireSane({ runs, partitions, askings }: LedgerView): void {
  for (const run of runs) requireSaneRun(run);
  for (const { partition, epoch, heardAt } of partitions) {
    requireCount(partition, 'the partition of a report');
    requireCount(epoch, `the epoch of partition ${partition}`);
    requireTime(heardAt, `the last report of partition ${partition}`);
  }
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
