/* Of two that build a partition anew under the same epoch. */
import type { Instance } from '../world/fleet.js';
import type { Publishing } from '../world/published.js';
import type { Random } from '../world/random.js';
import type { Actor } from '../world/scheduler.js';
import type { World } from '../world/world.js';
import { ASLEEP_MS, createdFirst, isAtWork, ZOMBIE_STEPS, type Trap } from './trap.js';

const FENCE_ONE_IN = 2;
const REBUILDER_STEPS = 600;

/**
 * One rebuilder sleeps with its raw fence in hand while another rebuilds under the same epoch and begins to apply a run.
 * That one falls asleep with an event of a new record in hand, Redis is lost, and the slow one goes on; only when it has
 * set its position does the event arrive, in an epoch that is in force.
 */
export class RebuiltByTwo implements Trap {
  #world: World | null = null;
  #stage: 'set' | 'slow' | 'rebuilding' | 'sprung' = 'set';
  #partition = -1;
  #slow: Actor | null = null;
  #asleep: readonly Actor[] = [];

  constructor(
    private readonly random: Random,
    private readonly onSprung: () => void,
  ) {}

  attach(world: World): void {
    this.#world = world;
    const { beforeWrite, beforeRebuildStep } = world;
    world.beforeRebuildStep = (instance, partition, step) => {
      beforeRebuildStep(instance, partition, step);
      if (step === 'fence') this.#fallBehind(world, instance, partition);
    };
    world.beforeWrite = (instance, publishing) => {
      beforeWrite(instance, publishing);
      if (publishing !== undefined) this.#fallAsleep(world, instance, publishing);
    };
  }

  step(): void {
    const world = this.#world;
    if (this.#stage !== 'rebuilding' || world?.indexes[this.#partition]?.isPlaced(this.#partition) !== true)
      return;
    this.#stage = 'sprung';
    for (const actor of this.#asleep) world.scheduler.wake(actor, 0);
    this.onSprung();
  }

  #fallBehind(world: World, instance: Instance, partition: number): void {
    if (this.#stage !== 'set' || !isAtWork(world, instance) || !this.random.oneIn(FENCE_ONE_IN)) return;
    [this.#stage, this.#partition, this.#slow] = ['slow', partition, instance.actor];
    world.reconcilers.replace(instance, { steps: REBUILDER_STEPS, afterMs: ASLEEP_MS });
  }

  #fallAsleep(world: World, instance: Instance, publishing: Publishing): void {
    const { partition } = publishing;
    if (this.#stage !== 'slow' || this.#slow === null || partition !== this.#partition) return;
    if (!isAtWork(world, instance) || createdFirst(publishing) === null) return;
    this.#stage = 'rebuilding';
    world.reconcilers.replace(instance, { steps: ZOMBIE_STEPS, afterMs: ASLEEP_MS });
    this.#asleep = [instance, ...world.reconcilers.instances].map(({ actor }) => actor);
    for (const actor of this.#asleep) world.scheduler.suspend(actor, ASLEEP_MS);
    world.indexes[partition]?.flush();
    world.scheduler.wake(this.#slow, 0);
  }
}
