/* Of the fences of a rebuild. */
import type { EntityType } from '#contracts';
import type { Instance } from '../world/fleet.js';
import type { Publishing } from '../world/published.js';
import type { Random } from '../world/random.js';
import type { Actor } from '../world/scheduler.js';
import type { World } from '../world/world.js';
import { ASLEEP_MS, createdFirst, isAtWork, ZOMBIE_STEPS, type Trap } from './trap.js';

const CREATED_ONE_IN = 4;
const MADE_ANEW_ONE_IN = 60;
const OUTGROWN_SOON = 40n;
const FENCES_BEFORE_END = 3;

/**
 * A worker falls asleep with the event of a new record in hand, Redis is lost, and the source takes the record back. The
 * fence of whoever rebuilds arrives and its answer does not; the event comes right behind it. Were the fence sent again
 * under its key, compaction would leave newcomers the event in front of it.
 */
export class EventBetweenFences implements Trap {
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

  #fallAsleep(world: World, instance: Instance, publishing: Publishing): void {
    const { entityType, partition } = publishing;
    const created = createdFirst(publishing);
    if (this.#stage !== 'set' || !isAtWork(world, instance) || created === null) return;
    if (!this.random.oneIn(CREATED_ONE_IN)) return;
    this.#stage = 'asleep';
    this.#sleeper = { actor: instance.actor, entityType, partition };
    world.districts.get(created.districtId)?.takeBack(entityType, created.gg4lId);
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
export class LogOutgrowsPosition implements Trap {
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
