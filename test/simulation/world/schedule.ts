/*
 * One schedule: a seed decides everything. Districts change and are read again and again while faults happen between
 * any two steps; then all faults stop, the source is left alone, and everything must come to rest equal.
 */
import type { MemoryRun } from '../../../apps/coordinator/src/settlement/in-memory/memory-run.js';
import { trapOf, type TrapKind } from '../traps/traps.js';
import { checkEquality } from './equality.js';
import { Faults, type FaultKind } from './faults.js';
import { together, type Tampering } from './surroundings.js';
import { World } from './world.js';
import { Violation } from './witness.js';
import { young } from './young.js';

export interface ScheduleOptions {
  readonly seed: number;
  /** Steps under faults. */
  readonly steps: number;
  readonly districts: number;
  readonly partitions: number;
  /** Meets the rarer troubles besides. */
  readonly isWilder?: boolean;
  readonly without?: ReadonlySet<FaultKind>;
  /** Set besides; it springs at most once. */
  readonly trap?: TrapKind;
  /** A guard taken away. */
  readonly tampering?: Tampering;
}

export interface ScheduleResult {
  readonly seed: number;
  readonly violation: string | null;
  readonly steps: number;
  readonly messages: number;
  readonly completed: number;
  readonly faults: Readonly<Record<string, number>>;
}

const QUIET_STEPS = 40_000;
const QUIET_ROUNDS = 8;
/** Steps from one look whether everything has come to rest to the next. */
const LOOK_ONE_IN = 8;

export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const { trap: kind, tampering = {} } = options;
  let isSprung = false;
  const trap = kind === undefined ? null : trapOf(kind, options.seed, () => void (isSprung = true));
  const world = new World(
    options.seed,
    options.districts,
    options.partitions,
    together(trap?.tampering ?? {}, tampering),
    options.isWilder,
  );
  const without = new Set([...(options.without ?? []), ...(trap?.without ?? [])]);
  const faults = new Faults(world, without, options.seed);
  trap?.attach(world);
  let violation: string | null = null;
  try {
    world.start();
    world.scheduler.onStep = young(() => {
      try {
        faults.mayHappen();
        trap?.step?.();
      } catch (error) {
        world.scheduler.fail(error);
      }
    });
    drive(world);
    await world.scheduler.run(() => false, options.steps);
    world.scheduler.onStep = young(() => undefined);
    await faults.end();
    await comeToRest(world);
    // What zombies wrote last may call for one more refresh, or for a rebuild.
    world.scheduler.endZombies();
    await consumed(world);
    if (isRefreshDue(world)) await comeToRest(world);
    await world.readByLast(QUIET_STEPS);
    await consumed(world);
    // A loss that only a newcomer can see: it drifts, types are sent again, and the next one is right.
    if (isRefreshDue(world)) {
      await comeToRest(world);
      await world.readByLast(QUIET_STEPS);
    }
    await checkEquality(world);
  } catch (error) {
    if (error instanceof Violation) violation = error.message;
    else violation = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const logs = [...world.topics.raw, ...[...world.topics.changes.values()].flat(), world.topics.reports];
  return {
    seed: options.seed,
    violation,
    steps: world.scheduler.steps,
    messages: logs.reduce((sum, { end }) => sum + end, 0),
    completed: [...world.ledger.state.closedRuns.values()].filter(({ state }) => state === 'completed')
      .length,
    faults: isSprung ? { ...faults.counts, [String(kind)]: 1 } : faults.counts,
  };
}

const EVERY_MS = 9_000;
const MAX_CHANGES = 3;

/** Wishes, decisions of people, and what passes outside. */
function drive(world: World): void {
  const { scheduler, random, driver, ledger } = world;
  const go = async (): Promise<void> => {
    while (world.isFaulty) {
      await scheduler.delay(driver, random.below(EVERY_MS));
      if (!world.isFaulty) return;
      for (const [districtId, district] of world.districts) {
        for (let changes = random.below(MAX_CHANGES + 1); changes > 0; changes -= 1) district.change();
        if (random.oneIn(40)) district.empty(random.pick(['users', 'enrollments']));
        if (random.oneIn(2)) ledger.want(districtId);
      }
      for (const run of heldRuns(world)) if (random.oneIn(3)) await answerHeld(world, run);
    }
  };
  go().catch((error: unknown) => scheduler.fail(error));
}

const heldRuns = ({ ledger }: World): readonly MemoryRun[] =>
  [...ledger.state.openRuns.values()].filter(({ state }) => state === 'held');

async function answerHeld(
  { random, ledger: { settlement }, scheduler }: World,
  run: MemoryRun,
): Promise<void> {
  const digest = random.oneIn(10) ? '0'.repeat(64) : (run.plan?.digest ?? '');
  if (random.oneIn(3)) await settlement.reject(run, digest, 'somebody', 'no', scheduler.now);
  else await settlement.approve(run, digest, 'somebody', 'yes', scheduler.now);
}

/**
 * Everything comes to rest. Where a message was lost, copies may hold a record that compaction left nobody to tell of:
 * their drift survives each second read and each refresh, and an operator, who is told of it, repairs them.
 */
async function comeToRest(world: World): Promise<void> {
  if (await quiet(world)) return;
  if (world.witness.isLossy && world.drifts.some(({ survived }) => survived)) {
    world.repair();
    if (await quiet(world)) return;
  }
  throw new Violation(`a refresh is due for ever: ${stateOf(world)}`);
}

/** Each district completes runs until nothing is due any more; false: that takes too many. */
async function quiet(world: World): Promise<boolean> {
  const { ledger, scheduler } = world;
  for (let round = 0; round < QUIET_ROUNDS; round += 1) {
    const since = new Map<string, number>();
    for (const districtId of world.districts.keys()) {
      since.set(districtId, ledger.runsOf(districtId).at(-1)?.generation ?? 0);
      ledger.want(districtId);
    }
    let looks = 0;
    const isDone = (): boolean => {
      if ((looks += 1) % LOOK_ONE_IN > 0) return false;
      for (const run of heldRuns(world))
        void ledger.settlement.approve(run, run.plan?.digest ?? '', 'somebody', 'all is well', scheduler.now);
      return (
        [...since].every(([districtId, generation]) => hasSettled(world, districtId, generation)) &&
        world.isConsumed()
      );
    };
    const ending = await scheduler.run(isDone, QUIET_STEPS);
    if (ending !== 'done') throw new Violation(`${ending} before everything came to rest: ${stateOf(world)}`);
    world.checkClosed();
    if (!isRefreshDue(world)) return true;
  }
  return false;
}

async function consumed(world: World): Promise<void> {
  const ending = await world.scheduler.run(() => world.isConsumed() && world.isIndexed(), QUIET_STEPS);
  if (ending !== 'done') throw new Violation(`${ending} before everything was consumed`);
}

const isRefreshDue = ({ ledger }: World): boolean =>
  [...ledger.state.districts.values()].some(({ refreshDue }) => Object.keys(refreshDue).length > 0);

function hasSettled({ ledger }: World, districtId: string, since: number): boolean {
  const { state } = ledger;
  if (state.openRuns.has(districtId) || state.wishes.has(districtId)) return false;
  const last = ledger.runsOf(districtId).at(-1);
  if (last !== undefined && last.generation > since && last.state === 'completed') return last.persisted;
  ledger.want(districtId);
  return false;
}

function stateOf({ ledger: { state } }: World): string {
  const { openRuns, wishes, partitions, districts } = state;
  const runs = [...openRuns.values()].map(({ districtId, generation, state: at, reason }) => ({
    ...{ districtId, generation, at, reason },
  }));
  return JSON.stringify({
    runs,
    wishes: [...wishes.values()],
    partitions: [...partitions.values()],
    districts: [...districts.values()],
  });
}
