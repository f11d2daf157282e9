/* Instances of one service and the partitions they share: killed, paused, replaced, and rebalanced as a group would be. */
import type { Random } from './random.js';
import { Actor, type Scheduler } from './scheduler.js';
import type { Handler, Subscription } from './subscription.js';

export interface Share<M> {
  readonly subscription: Subscription<M>;
  /** The handler of this partition in this instance. */
  readonly handlerFor: (instance: Instance) => Handler<M>;
}

/** What is left of a killed process. */
export interface Zombie {
  readonly steps: number;
  readonly afterMs: number;
}

/** One process of a service. */
export interface Instance {
  readonly actor: Actor;
  /** Lives as long as the process: what it keeps in memory. */
  readonly memory: Map<string, unknown>;
}

/** A fleet, whatever its partitions carry. */
export interface AnyFleet {
  readonly instances: readonly Instance[];
  start(): Instance;
  replace(instance: Instance, zombie: Zombie): void;
  rebalance(): void;
}

export class Fleet<M> implements AnyFleet {
  #instances: Instance[] = [];
  #started = 0;

  constructor(
    readonly name: string,
    private readonly scheduler: Scheduler,
    private readonly random: Random,
    private readonly shares: readonly Share<M>[],
    /** Starts what an instance does besides its partitions. */
    private readonly onStart: (instance: Instance) => void = () => undefined,
  ) {}

  get instances(): readonly Instance[] {
    return this.#instances;
  }

  start(): Instance {
    this.#started += 1;
    const instance = {
      actor: new Actor(`${this.name}-${this.#started}`),
      memory: new Map<string, unknown>(),
    };
    this.#instances.push(instance);
    this.onStart(instance);
    return instance;
  }

  /** Kills an instance; another takes its place. A zombie goes on, so late, for so many steps. */
  replace(instance: Instance, zombie: Zombie): void {
    this.scheduler.kill(instance.actor, zombie.steps);
    if (zombie.afterMs > 0) this.scheduler.suspend(instance.actor, zombie.afterMs);
    this.#instances = this.#instances.filter((one) => one !== instance);
    this.start();
    this.rebalance();
  }

  /** Gives every partition to a random instance; those that stay where they are go on undisturbed. */
  rebalance(): void {
    for (const { subscription, handlerFor } of this.shares) {
      const owner = this.random.pick(this.#instances);
      if (subscription.owner === owner.actor) continue;
      subscription.assign(owner.actor, handlerFor(owner));
    }
  }
}

/** What an instance keeps under a name, made when first asked for. */
export function kept<T>({ memory }: Instance, name: string, make: () => T): T {
  const found = memory.get(name);
  if (found !== undefined) return found as T;
  const made = make();
  memory.set(name, made);
  return made;
}
