/* What goes wrong, at random and between any two steps. Each kind can be left out to find which ones a violation needs. */
import { DEFAULT_TIMES } from '../../../apps/coordinator/src/settlement/times.js';
import type { RosterIndexCopy } from '../../../apps/reconciler/test/memory.roster-index.js';
import type { AnyFleet, Instance } from './fleet.js';
import { Mishaps } from './mishaps.js';
import { Random } from './random.js';
import { recount } from './recount.js';
import { Wilder, WILDER_KINDS, type WilderKind } from './wilder.js';
import type { World } from './world.js';
import { young } from './young.js';

export const FAULT_KINDS = [
  'crash',
  'crash-in-write',
  'crash-and-lost',
  'pause',
  'rebalance',
  'coordinator-lease',
  'fetcher-lease',
  'late-append',
  'held-too-long',
  'redis-back',
  'redis-lost',
  'offset-behind',
  'offset-ahead',
  'persister-behind',
  'lost',
  'twice',
  'twice-late',
  'lost-change',
  'unanswered',
  'compaction',
  'late-consumer',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number] | WilderKind;
export const ALL_KINDS: readonly FaultKind[] = [...FAULT_KINDS, ...WILDER_KINDS];

const FAULT_ONE_IN = 60;
const SAVE_ONE_IN = 120;
const ZOMBIE_STEPS = 60;
const ZOMBIE_WAKES_MS = 30_000;
const LOOK_ONE_IN = 64;
const CRASH_IN_WRITE_ONE_IN = 30;
const LATE_APPEND_ONE_IN = 60;
const LATE_ONE_IN = 3;
const VERY_LATE_MS = 150_000;
const RECOUNT_ONE_IN = 4;
const WILDER_SALT = 0x5eed;

export class Faults {
  readonly counts: Record<string, number> = {};
  /** Copies of Redis taken earlier, by partition. */
  #saved: RosterIndexCopy[] = [];
  #isConsumerStarted = false;
  readonly #random: Random;
  readonly #wilder: Wilder | null;

  constructor(
    private readonly world: World,
    private readonly without: ReadonlySet<FaultKind>,
    seed: number,
  ) {
    this.#random = new Random(~seed);
    world.beforeAppend = young(() => void this.#lateAppend());
    world.beforeWrite = young((instance) => this.#crashInWrite(instance));
    void new Mishaps(world, this.#random, (kind) => this.#isCounted(kind));
    this.#wilder = world.isWilder
      ? new Wilder(world, new Random(~seed ^ WILDER_SALT), (kind) => this.#isCounted(kind))
      : null;
  }

  mayHappen(): void {
    this.#wilder?.step();
    const random = this.#random;
    if (this.world.scheduler.steps % LOOK_ONE_IN === 0) {
      this.world.checkClosed();
      if (random.oneIn(RECOUNT_ONE_IN))
        recount(this.world).catch((error: unknown) => this.world.scheduler.fail(error));
      this.world.grow();
    }
    if (random.oneIn(SAVE_ONE_IN)) this.#saved = [...this.world.copies()];
    if (!random.oneIn(FAULT_ONE_IN)) return;
    const kind = random.pick(FAULT_KINDS);
    if (!this.without.has(kind) && this.#happen(kind)) this.#isCounted(kind);
  }

  /** Nothing goes wrong from here on; whoever is missing comes back. */
  async end(): Promise<void> {
    const { world } = this;
    world.isFaulty = false;
    world.scheduler.leaps = false;
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
      case 'fetcher-lease':
        return this.#loseLease(0, ['reading', 'confirming']);
      case 'held-too-long':
        if (![...world.ledger.state.openRuns.values()].some(({ state }) => state === 'held')) return false;
        world.scheduler.now += DEFAULT_TIMES.heldMs;
        return true;
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
      case 'append-into-next':
      case 'two-rebuilders':
      case 'raw-made-anew':
      case 'redis-back-soon':
      case 'crash-in-write':
      case 'late-append':
      case 'lost':
      case 'twice':
      case 'twice-late':
      case 'lost-change':
      case 'unanswered':
        return false;
    }
  }

  #isCounted(kind: FaultKind): boolean {
    if (this.without.has(kind)) return false;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    return true;
  }

  /** How late a zombie goes on: mostly before the next run, sometimes long after it began. */
  #lateness(): number {
    return this.#random.below(this.#random.oneIn(LATE_ONE_IN) ? VERY_LATE_MS : ZOMBIE_WAKES_MS);
  }

  /** A fetcher is about to append, and does so when its lease was taken and another may have begun anew. */
  #lateAppend(): void {
    if (!this.world.isFaulty || !this.#random.oneIn(LATE_APPEND_ONE_IN)) return;
    if (this.#isCounted('late-append')) this.#loseLease(this.#lateness());
  }

  /** The fetcher that reads has lost its lease, and knows it only when it wakes. */
  #loseLease(afterMs: number, states: readonly string[] = ['reading']): boolean {
    const { fetchers, ledger, scheduler } = this.world;
    const run = [...ledger.state.openRuns.values()].find(({ state }) => states.includes(state));
    if (run === undefined) return false;
    ledger.state.put({ ...run, leaseUntil: 0 });
    const owner = fetchers.instances.find(({ actor }) => actor.name === run.leaseOwner);
    if (owner === undefined || afterMs === 0) return true;
    scheduler.suspend(owner.actor, afterMs);
    ledger.want(run.districtId);
    return true;
  }

  #crash(fleet: AnyFleet): boolean {
    const random = this.#random;
    const steps = random.oneIn(2) ? random.below(ZOMBIE_STEPS) : 0;
    const afterMs = random.oneIn(2) ? this.#lateness() : 0;
    fleet.replace(random.pick(fleet.instances), { steps, afterMs });
    return true;
  }

  /** A reconciler dies between deciding and writing, and a zombie of it writes much later. */
  #crashInWrite(instance: Instance): void {
    const random = this.#random;
    const { world } = this;
    if (!world.isFaulty || !instance.actor.isAlive || !random.oneIn(CRASH_IN_WRITE_ONE_IN)) return;
    if (!this.#isCounted('crash-in-write')) return;
    const afterMs = this.#lateness();
    world.reconcilers.replace(instance, { steps: 1 + random.below(ZOMBIE_STEPS), afterMs });
    if (random.oneIn(4)) this.#eachIndex((partition) => world.indexes[partition]?.flush());
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
}
