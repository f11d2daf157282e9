/* Of the fence that a position names. */
import type { Position } from '../../../apps/reconciler/src/reconciliation/index-state.js';
import type { RosterIndexCopy } from '../../../apps/reconciler/test/memory.roster-index.js';
import type { Instance } from '../world/fleet.js';
import type { Actor } from '../world/scheduler.js';
import { overridden } from '../world/stepped.js';
import type { Tampering } from '../world/surroundings.js';
import type { World } from '../world/world.js';
import { ASLEEP_MS, type Trap } from './trap.js';

const OUTGROWN_SOON = 40n;

/**
 * As an APPLY ends the raw log is made anew, and Redis goes back to before that APPLY. Nobody looks at the partition
 * before the new log has grown beyond the old position: what was applied would be forgotten, and is not there to be
 * read again.
 */
export class RedisBackInNewLog implements Trap {
  readonly tampering: Tampering = {
    index: (index, partition, _around, _first, actor) =>
      overridden(index, {
        write: async (of, expected, next, districts) => {
          const before = this.#copyBefore(partition, actor, expected, next);
          const isWritten = await index.write(of, expected, next, districts);
          if (isWritten && before !== null) this.#moved(partition, expected, next, before);
          return isWritten;
        },
      }),
  };
  #world: World | null = null;
  #stage: 'set' | 'applying' | 'growing' | 'sprung' = 'set';
  #partition = -1;
  #before: RosterIndexCopy | null = null;
  #position = 0n;
  #asleep: readonly Instance[] = [];

  constructor(private readonly onSprung: () => void) {}

  attach(world: World): void {
    this.#world = world;
  }

  step(): void {
    const world = this.#world;
    if (world === null || this.#stage !== 'growing') return;
    if (BigInt(world.topics.rawOf(this.#partition).end) <= this.#position) return;
    this.#stage = 'sprung';
    for (const { actor } of this.#asleep) world.scheduler.wake(actor, 0);
    this.onSprung();
  }

  /** Null where nothing is about to happen that the trap waits for. */
  #copyBefore(partition: number, actor: Actor, from: Position, to: Position): RosterIndexCopy | null {
    const world = this.#world;
    if (world?.isFaulty !== true || !actor.isAlive || from.mode === to.mode) return null;
    const isBegin = this.#stage === 'set' && to.mode === 'apply' && from.next <= OUTGROWN_SOON;
    const isEnd = this.#stage === 'applying' && from.mode === 'apply' && partition === this.#partition;
    return isBegin || isEnd ? (world.copies()[partition] ?? null) : null;
  }

  #moved(partition: number, from: Position, to: Position, before: RosterIndexCopy): void {
    if (to.mode === 'apply') {
      [this.#stage, this.#partition, this.#before, this.#position] = [
        'applying',
        partition,
        before,
        from.next,
      ];
      return;
    }
    const world = this.#world;
    const subscription = world?.rawSubscriptions[partition];
    if (world === null || subscription === undefined || this.#before === null) return;
    this.#stage = 'growing';
    subscription.log.makeAnew();
    subscription.committed = 0;
    world.indexes[partition]?.restore(this.#before);
    this.#asleep = world.reconcilers.instances;
    for (const { actor } of this.#asleep) world.scheduler.suspend(actor, ASLEEP_MS);
  }
}
