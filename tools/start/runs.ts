/**
 * Asks for a run of every district that is not suspended and follows each until it is settled: completed and
 * persisted; or held, rejected or finally aborted, with nothing left for the persister to do. A try that failed is
 * followed by the next one, a run that was superseded by the newer one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { DistrictSummary } from '#ledger';
import { AdminApiError, type AdminApi, type RunView, type RunWish } from './admin-api.client.js';

const LOOK_EVERY_MS = 500;
const WATCH_EVERY_MS = 2_000;
const OPENS_WITHIN_MS = 180_000;
/** Nothing of a run may take so long without a change, but for reading, which has limits of its own. */
const STANDS_STILL_MS = 300_000;
/** A further try that is due later than this is asked for now. */
const SOON_MS = 5_000;

export interface DistrictRun {
  readonly districtId: string;
  readonly name: string;
  /** Why it is suspended; null while it is not. */
  readonly suspended: string | null;
  /** Null while none is opened, and for a suspended district. */
  readonly run: RunView | null;
}

export interface FollowOptions {
  readonly api: AdminApi;
  readonly wish: RunWish;
  /** How far the persister is behind. */
  readonly lag: () => Promise<bigint>;
  readonly seen: (districts: readonly DistrictRun[]) => void;
  readonly signal: AbortSignal;
}

/** A district's run could not even be opened, or goes on no more. */
export class RunStuckError extends Error {}

/** One run for every district of this answer of Discovery. */
export async function runEveryDistrict(options: FollowOptions): Promise<readonly DistrictRun[]> {
  const districts = await options.api.readDiscovery();
  const states = new Map<string, DistrictRun>(
    districts.map((district) => [district.districtId, { ...headOf(district), run: null }]),
  );
  const note = (state: DistrictRun): void => {
    states.set(state.districtId, state);
    options.seen([...states.values()]);
  };
  options.seen([...states.values()]);
  const active = districts.filter(({ state }) => state === 'active');
  await Promise.all(active.map((district) => followDistrict(district, options, note)));
  await awaitPersister(options);
  return [...states.values()];
}

/** Until `signal`: shows the last run of every district, whoever asked for it. */
export async function watchRuns({
  api,
  seen,
  signal,
}: Pick<FollowOptions, 'api' | 'seen' | 'signal'>): Promise<never> {
  for (;;) {
    const districts = await tolerantly(api.districts());
    const states = districts?.map(async (district): Promise<DistrictRun> => {
      const { districtId, lastRun, state } = district;
      const isSilent = lastRun === null || state === 'suspended';
      const run = isSilent ? null : await tolerantly(api.run(districtId, lastRun.generation));
      return { ...headOf(district), run };
    });
    if (states !== undefined) seen(await Promise.all(states));
    await pause(WATCH_EVERY_MS, undefined, { signal });
  }
}

// Whoever only watches does not end because the ledger is away for a while.
async function tolerantly<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AdminApiError) return null;
    throw error;
  }
}

const headOf = ({ districtId, name, state, reason }: DistrictSummary) => ({
  districtId,
  name,
  suspended: state === 'suspended' ? (reason ?? 'no reason given') : null,
});

async function followDistrict(
  district: DistrictSummary,
  options: FollowOptions,
  note: (state: DistrictRun) => void,
): Promise<void> {
  const { districtId } = district;
  let run = await askForRun(districtId, options, note);
  const checkMoves = movementOf(districtId);
  while (run !== null) {
    note({ ...headOf(district), run });
    if (isSettled(run)) {
      if (!options.wish.dryRun && run.dryRun) run = await askForRun(districtId, options, note);
      else return;
      continue;
    }
    checkMoves(run);
    await pause(LOOK_EVERY_MS, undefined, { signal: options.signal });
    run = await lookAgain(run, options, note);
  }
}

/** Throws RunStuckError when it was shown the same for too long; a try that waits for its time may wait. */
export function movementOf(districtId: string): (run: RunView, now?: number) => void {
  let last = '';
  let since = 0;
  return (run, now = Date.now()) => {
    const shown = JSON.stringify(run);
    if (shown !== last) since = Math.max(now, run.retryAt === null ? 0 : Date.parse(run.retryAt));
    last = shown;
    if (run.state === 'reading' || now - since < STANDS_STILL_MS) return;
    const state = run.state === 'completed' ? 'completed, but not persisted' : run.state;
    const why = run.why === null ? '' : ` (${run.why})`;
    throw new RunStuckError(
      `run ${run.generation} of district ${districtId} is ${state}${why}, and nothing has moved for 5 minutes`,
    );
  };
}

/** Held or closed for good; a completed one also persisted. */
export function isSettled(run: RunView): boolean {
  switch (run.state) {
    case 'completed':
      return run.persisted;
    case 'held':
    case 'rejected':
    case 'expired':
      return true;
    case 'aborted':
      return run.retryAt === null;
    default:
      return false;
  }
}

/** Null if the district turned out to be suspended, which is noted. */
async function askForRun(
  districtId: string,
  { api, wish }: FollowOptions,
  note: (state: DistrictRun) => void,
): Promise<RunView | null> {
  const giveUpAt = Date.now() + OPENS_WITHIN_MS;
  for (;;) {
    try {
      const { run, district } = await api.requestRun(districtId, wish);
      if (run !== null) return run;
      if (Date.now() >= giveUpAt) {
        const trouble = district.wanted?.trouble ?? 'not all partitions were ready';
        throw new RunStuckError(`no run of district ${districtId} could be opened: ${trouble}`);
      }
    } catch (error) {
      if (!(error instanceof AdminApiError) || error.status !== 409) throw error;
      const district = (await api.districts()).find((one) => one.districtId === districtId);
      if (district?.state !== 'suspended') throw error;
      note({ ...headOf(district), run: null });
      return null;
    }
  }
}

async function lookAgain(
  run: RunView,
  options: FollowOptions,
  note: (state: DistrictRun) => void,
): Promise<RunView | null> {
  const { api, wish } = options;
  const { districtId, generation } = run;
  if (run.state !== 'aborted' && run.state !== 'superseded') return api.run(districtId, generation);
  const district = (await api.districts()).find((one) => one.districtId === districtId);
  const newest = district?.lastRun?.generation ?? generation;
  if (newest > generation) return api.run(districtId, newest);
  if (district === undefined || district.state === 'suspended')
    return { ...run, retryAt: null, state: 'aborted' };
  const isFarOff = run.retryAt !== null && Date.parse(run.retryAt) > Date.now() + SOON_MS;
  if (wish.retries === 'at-once' && isFarOff) return askForRun(districtId, options, note);
  return run;
}

async function awaitPersister({ lag, signal }: FollowOptions): Promise<void> {
  let least = await lag();
  let since = Date.now();
  for (let behind = least; behind > 0n; behind = await lag()) {
    if (behind < least) since = Date.now();
    if (Date.now() - since > STANDS_STILL_MS)
      throw new RunStuckError(`the persister stays ${behind} messages behind, for 5 minutes now`);
    least = behind < least ? behind : least;
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}
