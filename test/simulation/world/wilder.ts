/*
 * What half of the schedules meet besides: rarer troubles, brought about on purpose at the instant at which they hurt.
 * They are drawn from a random number of their own, so that the other half is what it would be without them.
 */
import type { RosterIndexCopy } from '../../../apps/reconciler/test/memory.roster-index.js';
import type { Instance } from './fleet.js';
import type { Random } from './random.js';
import type { Actor } from './scheduler.js';
import type { RebuildStep } from './surroundings.js';
import type { World } from './world.js';
import { young } from './young.js';

export const WILDER_KINDS = [
  'append-into-next',
  'two-rebuilders',
  'raw-made-anew',
  'redis-back-soon',
] as const;
export type WilderKind = (typeof WILDER_KINDS)[number];

const INTO_NEXT_ONE_IN = 40;
const ASLEEP_MS = 900_000;
const WAKES_WITHIN_MS = 900;
const TWO_REBUILDERS_ONE_IN = 50;
const REBUILDER_STEPS = 600;
const MADE_ANEW_ONE_IN = 4_000;
const BACK_ONE_IN = 40;
const BACK_WITHIN_STEPS = 40;

/** A fetcher that was put to sleep with an append in hand, until the next run of its district is read. */
interface Sleeper {
  readonly actor: Actor;
  readonly districtId: string;
  readonly generation: number;
}

export class Wilder {
  #sleeper: Sleeper | null = null;
  #slow: Actor | null = null;
  #fencer: { readonly actor: Actor; readonly partition: number } | null = null;
  #back: { readonly copies: readonly RosterIndexCopy[]; readonly atStep: number } | null = null;

  constructor(
    private readonly world: World,
    private readonly random: Random,
    /** False: this kind is left out. Counts it otherwise. */
    private readonly mayHappen: (kind: WilderKind) => boolean,
  ) {
    const { beforeAppend, beforeWrite, onClaim } = world;
    world.beforeAppend = young((messages) => {
      beforeAppend(messages);
      this.#appendIntoNext();
    });
    world.beforeWrite = young((instance) => {
      beforeWrite(instance);
      this.#twoRebuilders(instance);
      this.#rememberRedis();
    });
    world.beforeRebuildStep = young((...step) => this.#delayRebuild(...step));
    world.onChange = young((partition) => this.#wakeFencer(partition));
    world.onClaim = young((run) => {
      onClaim(run);
      this.#wake(run.districtId, run.generation);
    });
  }

  /** Before each step. */
  step(): void {
    const { world, random } = this;
    if (this.#back !== null && world.scheduler.steps >= this.#back.atStep) {
      const { copies } = this.#back;
      this.#back = null;
      copies.forEach((copy, partition) => world.indexes[partition]?.restore(copy));
    }
    if (!random.oneIn(MADE_ANEW_ONE_IN) || !this.mayHappen('raw-made-anew')) return;
    const subscription = random.pick(world.rawSubscriptions);
    subscription.log.makeAnew();
    subscription.committed = 0;
  }

  /** A fetcher loses its lease between its last look at it and an append, which is carried out in the next snapshot. */
  #appendIntoNext(): void {
    const { fetchers, ledger, scheduler } = this.world;
    if (!this.world.isFaulty || this.#sleeper !== null || !this.random.oneIn(INTO_NEXT_ONE_IN)) return;
    const run = [...ledger.state.openRuns.values()].find(({ state }) => state === 'reading');
    const owner = fetchers.instances.find(({ actor }) => actor.name === run?.leaseOwner);
    if (run === undefined || owner === undefined || !this.mayHappen('append-into-next')) return;
    ledger.state.put({ ...run, leaseUntil: 0 });
    ledger.want(run.districtId);
    const { districtId, generation } = run;
    this.world.districts.get(districtId)?.change();
    this.#sleeper = { actor: owner.actor, districtId, generation };
    scheduler.suspend(owner.actor, ASLEEP_MS);
  }

  #wake(districtId: string, generation: number): void {
    const sleeper = this.#sleeper;
    if (sleeper?.districtId !== districtId || sleeper.generation >= generation) return;
    this.#sleeper = null;
    this.world.scheduler.wake(sleeper.actor, this.random.below(WAKES_WITHIN_MS));
  }

  /** Redis is lost, and both the worker that was at it and the one that takes its place build it anew. */
  #twoRebuilders(instance: Instance): void {
    const { world, random } = this;
    if (!world.isFaulty || !instance.actor.isAlive || !random.oneIn(TWO_REBUILDERS_ONE_IN)) return;
    if (!world.reconcilers.instances.includes(instance) || !this.mayHappen('two-rebuilders')) return;
    world.reconcilers.replace(instance, { steps: REBUILDER_STEPS, afterMs: 0 });
    this.#slow = instance.actor;
    this.#fencer = null;
    for (const index of world.indexes) index.flush();
  }

  /**
   * The slow one of two rebuilders has read what there was, and fences only when the other applies a run; Redis is lost
   * once more before it loads.
   */
  #delayRebuild({ actor }: Instance, partition: number, step: RebuildStep): void {
    const { world } = this;
    if (!world.isFaulty || actor !== this.#slow || !actor.isZombie) return;
    switch (step) {
      case 'fence':
        if (this.#fencer !== null) return;
        this.#fencer = { actor, partition };
        return world.scheduler.suspend(actor, ASLEEP_MS);
      case 'load':
        this.#slow = null;
        return world.indexes[partition]?.flush();
    }
  }

  #wakeFencer(partition: number): void {
    if (this.#fencer?.partition !== partition) return;
    this.world.scheduler.wake(this.#fencer.actor, 0);
    this.#fencer = null;
  }

  /** Redis goes back to before a write, a few steps after it. */
  #rememberRedis(): void {
    const { world, random } = this;
    if (!world.isFaulty || this.#back !== null || !random.oneIn(BACK_ONE_IN)) return;
    if (!this.mayHappen('redis-back-soon')) return;
    const atStep = world.scheduler.steps + 1 + random.below(BACK_WITHIN_STEPS);
    this.#back = { copies: world.copies(), atStep };
  }
}
