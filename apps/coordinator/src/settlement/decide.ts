/*
 * What to do next about a run that is not closed: data in, decision out. A decision is only ever carried out by a
 * ledger write that is conditional on the state it was decided from, and its marker is sent after that write.
 */
import type { RawMarker } from '#contracts';
import type { Retry } from './retry.js';
import type { AnswerKind, OpenRun, PartitionState, ProofPoint } from './runs.js';
import type { Times } from './times.js';

export type Decision =
  | { readonly to: 'wait' }
  | { readonly to: 'send-marker'; readonly partitions: readonly number[] }
  | { readonly to: 'planned' }
  | { readonly to: 'confirming' | 'applying' | 'sweeping' | 'held' | 'completed' | 'expired' }
  | { readonly to: 'vetoed'; readonly by: ProofPoint }
  | { readonly to: 'aborted'; readonly reason: string; readonly retry: Retry; readonly leaseLost: boolean };

export interface Surroundings {
  readonly partitions: readonly PartitionState[];
  readonly partitionCount: number;
  readonly now: number;
  /** When this coordinator took over: no silence is counted from before. */
  readonly activeSince: number;
  /** When this coordinator last saw a fetcher at work. */
  readonly fetcherSeenAt: number;
  readonly times: Times;
}

const WAIT: Decision = { to: 'wait' };
/** Pulls of one wish, whatever failed in them: with point 1, 2 or 3, and with only 4, 5 or 6. */
const MAX_PULLS = 3;
const MAX_PULLS_UNPROVEN = 2;

export function decide(run: OpenRun, around: Surroundings): Decision {
  return outdated(run, around) ?? decideByState(run, around);
}

function decideByState(run: OpenRun, around: Surroundings): Decision {
  switch (run.state) {
    case 'opened':
      return awaitFetcher(run, around);
    case 'reading':
      return decideReading(run);
    case 'read':
      return decideProof(run) ?? awaitAnswers(run, 'planned', { to: 'planned' }, around);
    case 'planned':
      return decidePlanned(run);
    case 'confirming':
      return decideConfirming(run, around);
    case 'applying':
      return awaitAnswers(run, 'applied', { to: run.hold === 'sweep' ? 'held' : 'sweeping' }, around);
    case 'held':
      return around.now - run.stateAt >= around.times.heldMs ? { to: 'expired' } : WAIT;
    case 'sweeping':
      return awaitAnswers(run, 'swept', { to: 'completed' }, around);
  }
}

/** The marker of the state a run is in; null where no partition owes it an answer. */
export function markerOf(run: OpenRun, nonce: string): RawMarker | null {
  const { districtId, generation } = run;
  switch (run.state) {
    case 'read':
      return { kind: 'ask', nonce, run: { districtId, generation } };
    case 'applying':
      return { kind: 'apply', districtId, generation };
    case 'sweeping':
      return { kind: 'sweep', districtId, generation, orgs: run.plan?.staleOrgs ?? [] };
    case 'opened':
    case 'reading':
    case 'planned':
    case 'confirming':
    case 'held':
      return null;
  }
}

function outdated(run: OpenRun, { partitions }: Surroundings): Decision | null {
  if (run.suspended !== null && run.state !== 'sweeping') {
    return abort(`the district is suspended: ${run.suspended}`, 'none');
  }
  const ahead = partitions.find(({ partition, epoch }) => epoch > (run.epochs[partition] ?? 0));
  if (ahead !== undefined) {
    const known = run.epochs[ahead.partition] ?? 0;
    return abort(`partition ${ahead.partition} went from epoch ${known} to ${ahead.epoch}`, 'own');
  }
  const failed = run.failed[0];
  return failed === undefined ? null : abort(`partition ${failed.partition}: ${failed.reason}`, 'own');
}

/** While fetchers are at work, a run may wait for its turn as long as that takes. */
function awaitFetcher(run: OpenRun, { now, activeSince, fetcherSeenAt, times }: Surroundings): Decision {
  const since = Math.max(run.stateAt, activeSince, fetcherSeenAt);
  if (now - since < times.unclaimedMs) return WAIT;
  return abort(`no fetcher took it for ${Math.round(times.unclaimedMs / 1000)} s`, 'own');
}

/** When a fetcher was last at work, as far as these runs show; 0 if they do not. */
export function fetcherSeenIn(runs: readonly OpenRun[], now: number): number {
  let latest = 0;
  for (const { leaseHeld, state, stateAt } of runs) {
    if (leaseHeld) latest = Math.max(latest, now);
    else if (state === 'read') latest = Math.max(latest, stateAt);
  }
  return latest;
}

function decideReading(run: OpenRun): Decision {
  if (run.readFailure !== null) return abort(run.readFailure.reason, run.readFailure.retry);
  return run.leaseLost ? { ...abort('the fetcher lost its lease', 'own'), leaseLost: true } : WAIT;
}

/** Points 1-3 failed: pull again, at most twice, then abort. Points 4-6: pull again once, then the guard holds. */
function decideProof(run: OpenRun): Decision | null {
  const failed = (run.reading?.proof ?? []).filter(({ state }) => state === 'failed');
  const complete = failed.filter(({ point }) => point <= 3);
  if (complete.length > 0) {
    if (run.attempt < MAX_PULLS) return abort(proofReason(complete), 'pull-again');
    return abort(proofReason(complete), run.retries === 'at-once' ? 'none' : 'source');
  }
  return failed.length > 0 && run.attempt < MAX_PULLS_UNPROVEN
    ? abort(proofReason(failed), 'pull-again')
    : null;
}

function proofReason(failed: readonly ProofPoint[]): string {
  return `proof: ${failed.map(({ point, finding }) => `point ${point}: ${finding}`).join('; ')}`;
}

function decidePlanned(run: OpenRun): Decision {
  if (run.dryRun) return abort('dry-run', 'none');
  if (run.hold === 'everything') return { to: 'held' };
  return run.hold === null && run.confirmation === null ? { to: 'confirming' } : goOn(run);
}

/**
 * Only what the source answers counts: a run that no fetcher takes is aborted, not swept unconfirmed, and a fetcher
 * that lost its lease leaves it to the next one. A veto leads to another pull, and to a held sweep after that.
 */
function decideConfirming(run: OpenRun, around: Surroundings): Decision {
  const { confirmation, readFailure } = run;
  if (readFailure !== null) return abort(readFailure.reason, readFailure.retry);
  if (confirmation === null) return awaitFetcher(run, around);
  if (confirmation.state !== 'failed' || run.hold === 'sweep') return goOn(run);
  if (run.attempt < MAX_PULLS_UNPROVEN) return abort(proofReason([confirmation]), 'pull-again');
  return { to: 'vetoed', by: confirmation };
}

function goOn(run: OpenRun): Decision {
  if (run.plan?.nothingToApply !== true) return { to: 'applying' };
  return { to: run.hold === 'sweep' ? 'held' : 'sweeping' };
}

function awaitAnswers(run: OpenRun, kind: AnswerKind, all: Decision, around: Surroundings): Decision {
  const { partitionCount, now, times } = around;
  const missing = missingOf(run.answered[kind], partitionCount);
  if (missing.length === 0) return all;
  if (run.markerAt === null && run.state !== 'read') return { to: 'send-marker', partitions: missing };
  const silent = missing.filter((partition) => now - heardAt(partition, run, around) >= times.silenceMs);
  if (silent.length > 0) {
    const seconds = Math.round(times.silenceMs / 1000);
    return abort(`no report of partition ${silent.join(', ')} for ${seconds} s`, 'own');
  }
  const sentAt = run.markerAt ?? run.stateAt;
  return now - sentAt >= times.resendMs ? { to: 'send-marker', partitions: missing } : WAIT;
}

function heardAt(partition: number, run: OpenRun, around: Surroundings): number {
  const heard = around.partitions.find((state) => state.partition === partition)?.heardAt ?? 0;
  return Math.max(heard, run.stateAt, around.activeSince);
}

export function missingOf(answered: readonly number[], partitionCount: number): readonly number[] {
  const all = Array.from({ length: partitionCount }, (_, partition) => partition);
  return all.filter((partition) => !answered.includes(partition));
}

function abort(reason: string, retry: Retry): Extract<Decision, { to: 'aborted' }> {
  return { to: 'aborted', reason, retry, leaseLost: false };
}
