/*
 * Troubles that come together so seldom by chance that some guards are never missed: each trap brings one about on
 * purpose, at the instant for which a guard is there. With the guard in place it is one more crash, loss or delay like
 * the others, and nothing may go wrong.
 */
import type { EntityType } from '#contracts';
import type { Position } from '../../../apps/reconciler/src/reconciliation/index-state.js';
import type { RosterIndexCopy } from '../../../apps/reconciler/test/memory.roster-index.js';
import type { FaultKind } from './faults.js';
import type { Instance } from './fleet.js';
import type { Publishing } from './logs.js';
import { Random } from './random.js';
import type { Actor } from './scheduler.js';
import { overridden } from './stepped.js';
import type { Tampering } from './surroundings.js';
import type { World } from './world.js';

export const TRAP_KINDS = ['redis-back-in-read', 'event-between-fences', 'log-outgrows-position'] as const;
export type TrapKind = (typeof TRAP_KINDS)[number];

export interface Trap {
  /** What it does on the way to a port. */
  readonly tampering?: Tampering;
  /** Faults that would be one too many. */
  readonly without?: readonly FaultKind[];
  /** Hooks it in where the other faults are. */
  attach(world: World): void;
  /** Before each step. */
  step?(): void;
}

const CREATED_ONE_IN = 4;
const MADE_ANEW_ONE_IN = 60;
const OUTGROWN_SOON = 40n;
const FENCES_BEFORE_END = 3;
const ASLEEP_MS = 300_000;
const ZOMBIE_STEPS = 60;
const SALT = 0x7a9;

/** `onSprung` is told whenever it has done what it is there for. */
export function trapOf(kind: TrapKind, seed: number, onSprung: () => void): Trap {
  const random = new Random(~seed ^ SALT);
  switch (kind) {
    case 'redis-back-in-read':
      return new RedisBackInRead(onSprung);
    case 'event-between-fences':
      return new EventBetweenFences(random, onSprung);
    case 'log-outgrows-position':
      return new LogOutgrowsPosition(random, onSprung);
  }
}

/**
 * A worker that has begun to apply falls asleep before it reads what is to be compared, and another applies it; the first
 * one wakes and reads, and Redis goes back to before. Read in two calls, what was compared would be newer than the position.
 */
class RedisBackInRead implements Trap {
  readonly tampering: Tampering = {
    index: (index, partition, around, _first, actor) =>
      overridden(index, {
        write: (of, expected, next, districts) =>
          this.#write(partition, actor, [expected, next], () => index.write(of, expected, next, districts)),
        read: async (of, districtIds, groups) => {
          await this.#beforeRead(partition, actor, groups.length > 0);
          return index.read(of, districtIds, groups);
        },
      }),
  };
  #world: World | null = null;
  #stage: 'set' | 'begun' | 'asleep' | 'applied' | 'read' | 'sprung' = 'set';
  #partition = -1;
  #first: Actor | null = null;
  #second: Actor | null = null;
  #before: RosterIndexCopy | undefined;

  constructor(private readonly onSprung: () => void) {}

  attach(world: World): void {
    this.#world = world;
  }

  async #write(
    partition: number,
    actor: Actor,
    [{ mode }, next]: readonly [Position, Position],
    write: () => Promise<boolean>,
  ): Promise<boolean> {
    const world = this.#world;
    if (world?.isFaulty !== true || !actor.isAlive) return write();
    if (this.#stage === 'set' && mode === 'follow' && next.mode === 'apply') {
      const isBegun = await write();
      if (isBegun) [this.#stage, this.#partition, this.#first] = ['begun', partition, actor];
      return isBegun;
    }
    if (this.#stage !== 'asleep' || partition !== this.#partition || mode !== 'apply') return write();
    const before = world.copies()[partition];
    const isApplied = await write();
    if (isApplied && this.#first !== null) {
      [this.#stage, this.#before, this.#second] = ['applied', before, actor];
      world.scheduler.suspend(actor, ASLEEP_MS);
      world.scheduler.wake(this.#first, 0);
    }
    return isApplied;
  }

  async #beforeRead(partition: number, actor: Actor, isOfRecords: boolean): Promise<void> {
    const world = this.#world;
    if (world?.isFaulty !== true || actor !== this.#first || partition !== this.#partition) return;
    const instance = world.reconcilers.instances.find((one) => one.actor === actor);
    if (this.#stage === 'begun' && isOfRecords && instance !== undefined) {
      this.#stage = 'asleep';
      world.reconcilers.replace(instance, { steps: ZOMBIE_STEPS, afterMs: ASLEEP_MS });
      await world.scheduler.step(actor);
    }
    if (this.#stage === 'applied') this.#stage = 'read';
    else if (this.#stage === 'read') this.#goBack(world);
  }

  #goBack(world: World): void {
    this.#stage = 'sprung';
    if (this.#before !== undefined) world.indexes[this.#partition]?.restore(this.#before);
    if (this.#second !== null) world.scheduler.wake(this.#second, 0);
    this.onSprung();
  }
}

/**
 * A worker falls asleep with the event of a new record in hand, Redis is lost, and the source takes the record back. The
 * fence of whoever rebuilds arrives and its answer does not; the event comes right behind it. Were the fence sent again
 * under its key, compaction would leave newcomers the event in front of it.
 */
class EventBetweenFences implements Trap {
  #stage: 'set' | 'asleep' | 'between' | 'sprung' = 'set';
  #sleeper: { readonly actor: Actor; readonly entityType: EntityType; readonly partition: number } | null =
    null;

  constructor(
    private readonly random: Random,
    private readonly onSprung: () => void,
  ) {}

  attach(world: World): void {
    const { beforeWrite, onChange, topics } = world;
    const { isUnanswered } = topics;
    world.beforeWrite = (instance, publishing) => {
      beforeWrite(instance, publishing);
      if (publishing !== undefined) this.#fallAsleep(world, instance, publishing);
    };
    topics.isUnanswered = (...fence) => this.#isBetween(world, ...fence) || isUnanswered(...fence);
    world.onChange = (partition) => {
      onChange(partition);
      this.#goOn(world, partition);
    };
  }

  #fallAsleep(world: World, instance: Instance, { entityType, partition, messages }: Publishing): void {
    const [first] = messages;
    if (this.#stage !== 'set' || !world.isFaulty || !world.reconcilers.instances.includes(instance)) return;
    if (first?.kind !== 'change' || first.change.verb !== 'created') return;
    if (!this.random.oneIn(CREATED_ONE_IN)) return;
    this.#stage = 'asleep';
    this.#sleeper = { actor: instance.actor, entityType, partition };
    world.districts.get(first.change.districtId)?.takeBack(entityType, first.change.gg4lId);
    world.indexes[partition]?.flush();
    world.reconcilers.replace(instance, { steps: ZOMBIE_STEPS, afterMs: ASLEEP_MS });
  }

  #isBetween(world: World, arrive: () => void, entityType: EntityType, partition: number): boolean {
    const sleeper = this.#sleeper;
    if (this.#stage !== 'asleep' || sleeper === null || !world.isFaulty) return false;
    if (sleeper.entityType !== entityType || sleeper.partition !== partition) return false;
    this.#stage = 'between';
    arrive();
    const rebuilder = world.rawSubscriptions[partition]?.owner ?? null;
    if (rebuilder !== null) world.scheduler.suspend(rebuilder, ASLEEP_MS);
    world.scheduler.wake(sleeper.actor, 0);
    return true;
  }

  #goOn(world: World, partition: number): void {
    if (this.#stage !== 'between' || this.#sleeper?.partition !== partition) return;
    this.#stage = 'sprung';
    const rebuilder = world.rawSubscriptions[partition]?.owner ?? null;
    if (rebuilder !== null) world.scheduler.wake(rebuilder, 0);
    this.onSprung();
  }
}

/**
 * A raw log is made anew, whoever rebuilds for it ends between its fences, its report is lost, and nobody looks at the
 * partition before the log has grown beyond the old position.
 */
class LogOutgrowsPosition implements Trap {
  /** Redis that is set back to before the log was made anew brings the old position back. */
  readonly without = ['redis-back', 'redis-back-soon'] as const;
  #world: World | null = null;
  #stage: 'set' | 'anew' | 'growing' | 'sprung' = 'set';
  #partition = 0;
  #position = 0n;
  #rebuilder: Instance | null = null;
  #fences = 0;
  #asleep: readonly Instance[] = [];

  constructor(
    private readonly random: Random,
    private readonly onSprung: () => void,
  ) {}

  attach(world: World): void {
    this.#world = world;
    const { beforeWrite, beforeRebuildStep, topics } = world;
    const { mishap } = topics.reports;
    world.beforeRebuildStep = (instance, partition, step) => {
      beforeRebuildStep(instance, partition, step);
      if (this.#stage !== 'anew' || partition !== this.#partition || step !== 'fence') return;
      this.#rebuilder = instance;
      this.#fences = 0;
    };
    world.beforeWrite = (instance, publishing) => {
      beforeWrite(instance, publishing);
      if (publishing !== undefined && instance === this.#rebuilder) this.#endBetween(world, instance);
    };
    topics.reports.mishap = (message, key) => {
      const isOurs =
        this.#stage === 'anew' && message.kind === 'rebuilding' && message.partition === this.#partition;
      return isOurs ? 'lost' : mishap(message, key);
    };
  }

  step(): void {
    const world = this.#world;
    if (world === null) return;
    if (this.#stage === 'set' && world.isFaulty && this.random.oneIn(MADE_ANEW_ONE_IN)) this.#makeAnew(world);
    if (this.#stage !== 'growing') return;
    if (BigInt(world.topics.rawOf(this.#partition).end) <= this.#position) return;
    this.#stage = 'sprung';
    for (const { actor } of this.#asleep) world.scheduler.wake(actor, 0);
    this.onSprung();
  }

  #makeAnew(world: World): void {
    const partition = this.random.below(world.partitions);
    const subscription = world.rawSubscriptions[partition];
    const position = world.copies()[partition]?.get(partition)?.position;
    if (subscription === undefined || !position) return;
    if (position.mode !== 'follow' || position.next === 0n || position.next > OUTGROWN_SOON) return;
    this.#stage = 'anew';
    this.#partition = partition;
    this.#position = position.next;
    subscription.log.makeAnew();
    subscription.committed = 0;
  }

  #endBetween(world: World, rebuilder: Instance): void {
    this.#fences += 1;
    if (this.#stage !== 'anew' || this.#fences <= FENCES_BEFORE_END || !world.isFaulty) return;
    this.#stage = 'growing';
    world.reconcilers.replace(rebuilder, { steps: 0, afterMs: 0 });
    this.#asleep = world.reconcilers.instances;
    for (const { actor } of this.#asleep) world.scheduler.suspend(actor, ASLEEP_MS);
  }
}
