/* What goes wrong, at random and between any two steps. Each kind can be left out to find which ones a violation needs. */
import type { RosterIndexCopy } from '../../../apps/reconciler/test/memory.roster-index.js';
import type { AnyFleet, Instance } from './fleet.js';
import type { PartitionLog } from './partition-log.js';
import { Random } from './random.js';
import type { World } from './world.js';

export const FAULT_KINDS = [
  'crash',
  'crash-in-emit',
  'crash-and-lost',
  'pause',
  'rebalance',
  'coordinator-lease',
  'fetcher-lease',
  'redis-back',
  'redis-lost',
  'offset-behind',
  'offset-ahead',
  'persister-behind',
  'lost',
  'twice',
  'lost-change',
  'compaction',
  'late-consumer',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const FAULT_ONE_IN = 80;
const SAVE_ONE_IN = 120;
const MISHAP_ONE_IN = 150;
const ZOMBIE_STEPS = 60;
const ZOMBIE_WAKES_MS = 30_000;
const LOOK_ONE_IN = 64;
const CRASH_IN_EMIT_ONE_IN = 25;
/** Of the lost messages of change topics: a schedule with one checks less. */
const LOST_CHANGE_ONE_IN = 6;

export class Faults {
  readonly counts: Record<string, number> = {};
  /** Copies of Redis taken earlier, by partition. */
  #saved: RosterIndexCopy[] = [];
  #isConsumerStarted = false;
  readonly #random: Random;

  constructor(
    private readonly world: World,
    private readonly without: ReadonlySet<FaultKind>,
    seed: number,
  ) {
    this.#random = new Random(~seed);
    world.beforePublish = (instance) => this.#crashInEmit(instance);
    const { raw, reports, changes } = world.topics;
    for (const log of [...raw, reports]) this.#trouble(log as PartitionLog<unknown>, ['lost', 'twice']);
    for (const log of [...changes.values()].flat())
      this.#trouble(log as PartitionLog<unknown>, ['twice', 'lost-change']);
  }

  mayHappen(): void {
    const random = this.#random;
    if (this.world.scheduler.steps % LOOK_ONE_IN === 0) {
      this.world.checkClosed();
      this.world.grow();
    }
    if (random.oneIn(SAVE_ONE_IN)) this.#saved = [...this.world.copies()];
    if (!random.oneIn(FAULT_ONE_IN)) return;
    const kind = random.pick(FAULT_KINDS);
    if (this.without.has(kind)) return;
    if (this.#happen(kind)) this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** Nothing goes wrong from here on; whoever is missing comes back. */
  async end(): Promise<void> {
    const { world } = this;
    world.isFaulty = false;
    for (const district of world.districts.values()) district.heal();
    for (const fleet of world.services()) {
      for (const { actor } of fleet.instances) actor.isAlive = true;
      fleet.rebalance();
    }
    this.#startConsumer();
  }

  #happen(kind: FaultKind): boolean {
    const { world } = this;
    const random = this.#random;
    switch (kind) {
      case 'crash':
        return this.#crash(random.pick(world.services()));
      case 'crash-and-lost':
        this.#crash(world.reconcilers);
        return this.#eachIndex((partition) => world.indexes[partition]?.flush());
      case 'pause': {
        const { instances } = random.pick(world.services());
        world.scheduler.suspend(random.pick(instances).actor, random.below(60_000));
        return true;
      }
      case 'rebalance':
        random.pick(world.services()).rebalance();
        return true;
      case 'coordinator-lease':
        world.ledger.state.lease = { ...world.ledger.state.lease, until: 0 };
        return true;
      case 'fetcher-lease': {
        const { state } = world.ledger;
        const run = [...state.openRuns.values()].find((open) => open.state === 'reading');
        if (run === undefined) return false;
        state.put({ ...run, leaseUntil: 0 });
        return true;
      }
      case 'redis-back':
        return this.#eachIndex((partition) => {
          const copy = this.#saved[partition];
          if (copy !== undefined) world.indexes[partition]?.restore(copy);
        });
      case 'redis-lost':
        return this.#eachIndex((partition) => world.indexes[partition]?.flush());
      case 'offset-behind':
      case 'offset-ahead': {
        const subscription = random.pick(world.rawSubscriptions);
        const { log, committed } = subscription;
        const ahead = committed + random.below(log.end - committed + 1);
        subscription.committed = kind === 'offset-ahead' ? ahead : random.below(committed + 1);
        return this.#crash(world.reconcilers);
      }
      case 'persister-behind':
        for (const subscription of world.changeSubscriptions) {
          if (random.oneIn(4)) subscription.committed = random.below(subscription.committed + 1);
        }
        return this.#crash(world.persisters);
      case 'compaction':
        for (const log of [...world.topics.changes.values()].flat()) log.compact(random.below(log.old + 1));
        return true;
      case 'late-consumer':
        if (!random.oneIn(4)) return false;
        return this.#startConsumer();
      case 'crash-in-emit':
      case 'lost':
      case 'twice':
      case 'lost-change':
        return false;
    }
  }

  #crash(fleet: AnyFleet): boolean {
    const random = this.#random;
    const steps = random.oneIn(2) ? random.below(ZOMBIE_STEPS) : 0;
    const afterMs = random.oneIn(2) ? random.below(ZOMBIE_WAKES_MS) : 0;
    fleet.replace(random.pick(fleet.instances), { steps, afterMs });
    return true;
  }

  /** A reconciler dies between deciding and writing, and a zombie of it writes much later. */
  #crashInEmit(instance: Instance): void {
    const random = this.#random;
    const { world } = this;
    if (!world.isFaulty || !instance.actor.isAlive || !random.oneIn(CRASH_IN_EMIT_ONE_IN)) return;
    if (this.without.has('crash-in-emit')) return;
    this.counts['crash-in-emit'] = (this.counts['crash-in-emit'] ?? 0) + 1;
    const afterMs = random.below(ZOMBIE_WAKES_MS);
    world.reconcilers.replace(instance, { steps: 1 + random.below(ZOMBIE_STEPS), afterMs });
    if (random.oneIn(2)) this.#eachIndex((partition) => world.indexes[partition]?.flush());
  }

  #eachIndex(happen: (partition: number) => void): boolean {
    const random = this.#random;
    const { indexes } = this.world;
    const only = random.below(indexes.length * 2);
    indexes.forEach((_, partition) => {
      if (only >= indexes.length || only === partition) happen(partition);
    });
    return true;
  }

  #startConsumer(): boolean {
    if (this.#isConsumerStarted) return false;
    this.#isConsumerStarted = true;
    this.world.consumers.start();
    this.world.consumers.rebalance();
    return true;
  }

  #trouble(log: PartitionLog<unknown>, kinds: readonly ('lost' | 'twice' | 'lost-change')[]): void {
    const random = this.#random;
    log.mishap = () => {
      if (!this.world.isFaulty || !random.oneIn(MISHAP_ONE_IN)) return null;
      const kind = random.pick(kinds);
      if (this.without.has(kind)) return null;
      if (kind === 'lost-change' && !random.oneIn(LOST_CHANGE_ONE_IN)) return null;
      this.counts[kind] = (this.counts[kind] ?? 0) + 1;
      if (kind === 'lost-change') this.world.witness.isLossy = true;
      return kind === 'twice' ? 'twice' : 'lost';
    };
  }
}
