/* Of reading the index in one call. */
import type { Position } from '../../../apps/reconciler/src/reconciliation/index-state.js';
import type { RosterIndexCopy } from '../../../apps/reconciler/test/memory.roster-index.js';
import type { Actor } from '../world/scheduler.js';
import { overridden } from '../world/stepped.js';
import type { Tampering } from '../world/surroundings.js';
import type { World } from '../world/world.js';
import { ASLEEP_MS, ZOMBIE_STEPS, type Trap } from './trap.js';

/**
 * A worker that has begun to apply falls asleep before it reads what is to be compared, and another applies it; the first
 * one wakes and reads, and Redis goes back to before. Read in two calls, what was compared would be newer than the position.
 */
export class RedisBackInRead implements Trap {
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
