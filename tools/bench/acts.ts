/** The three acts of the benchmark, each measured from asking for the run until Postgres has all of it. */
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { ENTITY_TYPES, type VerbCounts } from '#contracts';
import { Sandbox } from '../demo/sandbox.client.js';
import type { Stage } from '../demo/stage.js';
import type { RunView } from '../start/admin-api.client.js';
import { isSettled } from '../start/runs.js';
import { forgetPeaks, machineSeconds, measureParts, type PartUse } from './processes.js';

const LOOK_EVERY_MS = 200;
const OPENS_WITHIN_MS = 60_000;
const CHANGED_PERCENT = 1;

export interface ActFigures {
  readonly act: string;
  readonly records: number;
  readonly changes: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** Seconds after asking at which the run came into each state. */
  readonly statesAt: Readonly<Record<string, number>>;
  readonly walBytes: number;
  /** Share of the machine's CPU that went elsewhere: with more than a few percent, do not trust the seconds. */
  readonly percentElsewhere: number;
  readonly parts: Readonly<Record<string, PartFigures>>;
}

export interface PartFigures {
  readonly cpuSecondsPerMillion: number;
  readonly peakMegabytes: number;
}

/** A run did not do what the act is about. */
export class ActFailedError extends Error {}

interface Expectation {
  readonly act: string;
  readonly isAsExpected: (totals: VerbCounts, records: number) => boolean;
}

const FIRST_LOAD: Expectation = {
  act: 'first load',
  isAsExpected: ({ created }, records) => created === records,
};
const UNCHANGED_DAY: Expectation = {
  act: 'unchanged day',
  isAsExpected: ({ unchanged }, records) => unchanged === records,
};
const PERCENT_CHANGED: Expectation = {
  act: 'one percent changed',
  isAsExpected: ({ updated, unchanged }, records) => updated > 0 && updated + unchanged === records,
};

export async function measureActs(
  stage: Stage,
  client: pg.Client,
  records: number,
  told: (figures: ActFigures) => void,
): Promise<readonly ActFigures[]> {
  const sandbox = new Sandbox(stage.sandboxUrl);
  const districtId = await sandbox.districtId();
  await stage.api.readDiscovery();
  const acts: ActFigures[] = [];
  for (const expectation of [FIRST_LOAD, UNCHANGED_DAY, PERCENT_CHANGED]) {
    if (expectation === PERCENT_CHANGED)
      await sandbox.control('POST', `districts/${districtId}/change`, { percent: CHANGED_PERCENT });
    const figures = await measureAct(stage, client, districtId, records, expectation);
    told(figures);
    acts.push(figures);
  }
  return acts;
}

async function measureAct(
  stage: Stage,
  client: pg.Client,
  districtId: string,
  records: number,
  { act, isAsExpected }: Expectation,
): Promise<ActFigures> {
  forgetPeaks();
  const walBefore = await walPosition(client);
  const before = measureParts();
  const machineBefore = machineSeconds();
  const ownBefore = ownSeconds();
  const startedAt = performance.now();
  const statesAt: Record<string, number> = {};
  const run = await follow(stage, districtId, ({ state }) => {
    statesAt[state] ??= round((performance.now() - startedAt) / 1000);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const after = measureParts();
  const worked = machineSeconds() - machineBefore - (ownSeconds() - ownBefore) - secondsOf(before, after);
  const walBytes = Number((await walPosition(client)) - walBefore);
  const totals = totalsOf(run);
  if (run.state !== 'completed' || !isAsExpected(totals, records))
    throw new ActFailedError(`${act}: ${run.state}, ${run.why ?? ''} ${JSON.stringify(totals)}`);
  const changes = totals.created + totals.updated + totals.restored + totals.archived;
  return {
    act,
    records,
    changes,
    seconds: round(seconds),
    recordsPerSecond: Math.round(records / seconds),
    statesAt,
    walBytes,
    percentElsewhere: Math.max(0, Math.round((worked * 100) / (seconds * cpus().length))),
    parts: partFigures(before, after, records),
  };
}

/** Asks for a run and follows it until it is settled, in Postgres too. */
export async function follow(
  { api, signal }: Stage,
  districtId: string,
  seen: (run: RunView) => void = () => undefined,
): Promise<RunView> {
  const giveUpAt = Date.now() + OPENS_WITHIN_MS;
  let run: RunView | null = null;
  while (run === null) {
    run = (await api.requestRun(districtId, { dryRun: false, retries: 'scheduled' })).run;
    if (run === null && Date.now() >= giveUpAt) throw new ActFailedError('no run could be opened');
  }
  while (!isSettled(run) && run.state !== 'aborted') {
    seen(run);
    await pause(LOOK_EVERY_MS, undefined, { signal });
    run = await api.run(districtId, run.generation);
  }
  return run;
}

function totalsOf(run: RunView): VerbCounts {
  const totals = { created: 0, updated: 0, restored: 0, archived: 0, unchanged: 0, quarantined: 0 };
  for (const type of ENTITY_TYPES) {
    for (const verb of Object.keys(totals) as (keyof VerbCounts)[])
      totals[verb] += run.types[type]?.[verb] ?? 0;
  }
  return totals;
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function secondsOf(before: ReadonlyMap<string, PartUse>, after: ReadonlyMap<string, PartUse>): number {
  let seconds = 0;
  for (const [part, { cpuSeconds }] of after) seconds += cpuSeconds - (before.get(part)?.cpuSeconds ?? 0);
  return seconds;
}

async function walPosition(client: pg.Client): Promise<bigint> {
  const { rows } = await client.query<{ at: string }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as at`,
  );
  return BigInt(rows[0]?.at ?? 0);
}

function partFigures(
  before: ReadonlyMap<string, PartUse>,
  after: ReadonlyMap<string, PartUse>,
  records: number,
): Readonly<Record<string, PartFigures>> {
  const figures = [...after].map(([part, { cpuSeconds, peakBytes }]) => {
    const used = cpuSeconds - (before.get(part)?.cpuSeconds ?? 0);
    return [
      part,
      {
        cpuSecondsPerMillion: round((used * 1e6) / records),
        peakMegabytes: Math.round(peakBytes / 1024 / 1024),
      },
    ] as const;
  });
  return Object.fromEntries(figures);
}

const round = (value: number): number => Math.round(value * 10) / 10;
