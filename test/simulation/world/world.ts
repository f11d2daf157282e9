/*
 * A whole Rollcall in memory: topics, index, ledger, rows, two instances of each service, a second consumer that comes
 * late, and School Passport. Everything the services do goes through ports whose every call is a step of the scheduler.
 */
import { ENTITY_TYPES, type EntityType, type Report, type ReportOf, type RunKey } from '#contracts';
import {
  MemoryRosterIndex,
  type RosterIndexCopy,
} from '../../../apps/reconciler/test/memory.roster-index.js';
import { MemoryRosterStore } from '../../../libs/roster-consumer/test/memory.roster-store.js';
import { startFetcher } from './fetchers.js';
import { Fleet, type AnyFleet, type Share } from './fleet.js';
import { WitnessedLedger } from './ledger.js';
import { Topics } from './logs.js';
import type { PartitionLog } from './partition-log.js';
import type { Published } from './published.js';
import { toEntry } from './published-entries.js';
import { Random } from './random.js';
import { Actor, Scheduler } from './scheduler.js';
import { persisterHandler, reconcilerHandler, reportsHandler, startCoordinator } from './services.js';
import { FILLED_TYPES, SourceDistrict } from './source.js';
import { Subscription } from './subscription.js';
import type { Surroundings, Tampering } from './surroundings.js';
import { Violation, Witness } from './witness.js';
import { young } from './young.js';

const START = Date.UTC(2030, 0, 1);
const INSTANCES = 2;
/** Of a message of the raw log, where it is to hold few. */
const FEW_RECORDS = 2;

export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly topics: Topics;
  readonly ledger: WitnessedLedger;
  readonly indexes: readonly MemoryRosterIndex[];
  readonly store = new MemoryRosterStore();
  /** The rows of a consumer that comes late and reads everything from its start. */
  readonly secondStore = new MemoryRosterStore();
  /** The rows of a consumer that comes when all is over and everything that can be compacted is. */
  lastStore = new MemoryRosterStore();
  readonly districts = new Map<string, SourceDistrict>();
  readonly witness: Witness;
  readonly driver = new Actor('driver');
  readonly fetchers: Fleet<never>;
  readonly reconcilers;
  readonly persisters;
  readonly coordinators;
  readonly consumers;
  readonly rawSubscriptions;
  readonly reportSubscription: Subscription<Report>;
  readonly changeSubscriptions: readonly Subscription<Published>[];
  readonly drifts: ReportOf<'drift'>[] = [];
  /** Faults are on. */
  isFaulty = true;
  /** A reconciler is about to write to a change topic or the index. */
  beforeWrite: Surroundings['beforeWrite'] = young(() => undefined);
  /** A rebuild is about to fence the raw log, or to load what it folded. */
  beforeRebuildStep: Surroundings['beforeRebuildStep'] = young(() => undefined);
  /** A change event got its place. */
  onChange: (partition: number) => void = young(() => undefined);
  /** A fetcher is about to append to the raw log. */
  beforeAppend: Surroundings['beforeAppend'] = young(() => undefined);
  /** A fetcher has claimed a run. */
  onClaim: (run: RunKey) => void = young(() => undefined);
  readonly #around: Surroundings;
  readonly #pulls = new Map<string, number>();
  readonly #closed = new Map<string, string>();

  constructor(
    seed: number,
    districtCount: number,
    readonly partitions: number,
    private readonly tampering: Tampering = {},
    readonly isWilder = false,
  ) {
    this.random = new Random(seed);
    this.topics = new Topics(partitions);
    this.indexes = Array.from({ length: partitions }, () => new MemoryRosterIndex());
    this.scheduler = new Scheduler(this.random, START);
    this.ledger = new WitnessedLedger(() => this.scheduler.now);
    this.witness = new Witness({
      isDecided: young((districtId, generation, what) =>
        this.ledger.settlement.isDecided(districtId, generation, what),
      ),
      wasSharedSincePull: young(({ districtId, generation, entityType, gg4lId }) => {
        const pull = this.#pulls.get(`${districtId}/${generation}`) ?? 0;
        return this.districts.get(districtId)?.wasSharedSince(entityType, gg4lId, pull) === true;
      }),
    });
    if (tampering.keyOf !== undefined) this.topics.keyOf = tampering.keyOf;
    for (let n = 1; n <= districtCount; n += 1) this.#addDistrict(`d${n}`);
    this.#watch();
    const around = this.#surroundings();
    this.#around = around;
    this.reportSubscription = this.#subscribe(this.topics.reports);
    this.rawSubscriptions = this.topics.raw.map((log) => this.#subscribe(log));
    this.fetchers = new Fleet('fetcher', this.scheduler, this.random, [], startFetcher(around, partitions));
    this.reconcilers = new Fleet(
      'reconciler',
      this.scheduler,
      this.random,
      this.rawSubscriptions.map((subscription, partition) => ({
        subscription,
        handlerFor: reconcilerHandler(around, partition),
      })),
    );
    this.coordinators = new Fleet(
      'coordinator',
      this.scheduler,
      this.random,
      [{ subscription: this.reportSubscription, handlerFor: reportsHandler(around) }],
      startCoordinator(around, partitions),
    );
    const persisterShares = this.#persisting(this.store);
    this.changeSubscriptions = persisterShares.map(({ subscription }) => subscription);
    this.persisters = new Fleet('persister', this.scheduler, this.random, persisterShares);
    this.consumers = new Fleet(
      'consumer',
      this.scheduler,
      this.random,
      this.#persisting(this.secondStore, FILLED_TYPES),
    );
  }

  /** Starts two instances of each service. The second consumer starts by itself, late. */
  start(): void {
    for (const fleet of this.services()) {
      for (let n = 0; n < INSTANCES; n += 1) fleet.start();
      fleet.rebalance();
    }
  }

  services(): readonly AnyFleet[] {
    return [this.fetchers, this.reconcilers, this.coordinators, this.persisters];
  }

  /** A newcomer reads what compaction left. */
  async readByLast(maxSteps: number): Promise<void> {
    this.lastStore = new MemoryRosterStore();
    const shares = this.#persisting(this.lastStore, FILLED_TYPES);
    for (const { subscription } of shares) subscription.log.compact(subscription.log.end);
    const newcomers = new Fleet('newcomer', this.scheduler, this.random, shares);
    newcomers.start();
    newcomers.rebalance();
    const isDone = (): boolean =>
      shares.every(
        ({ subscription: { committed, log } }) => log.entries.length === 0 || committed >= log.end,
      );
    const ending = await this.scheduler.run(isDone, maxSteps);
    if (ending !== 'done') throw new Violation(`${ending} before a newcomer had read everything`);
  }

  copies(): readonly RosterIndexCopy[] {
    return this.indexes.map((index) => index.copy());
  }

  /** Persister and coordinator have taken all that there is for them. */
  isConsumed(): boolean {
    const isDone = <M>({ committed, log }: Subscription<M>): boolean => committed >= log.end;
    return isDone(this.reportSubscription) && this.changeSubscriptions.every(isDone);
  }

  /** `npm run verify -- --repair`, on both copies that are there. */
  repair(): void {
    for (const [type, partition, { entries }] of this.#changeLogs()) {
      const read = entries.map(({ offset, message }) => toEntry(BigInt(offset), message));
      for (const store of [this.store, this.secondStore]) store.removeUntold(type, partition, read);
    }
  }

  /** No partition is being built anew. */
  isIndexed(): boolean {
    return this.indexes.every((index, partition) => index.isPlaced(partition));
  }

  /** Messages grow as old as the compaction lag: never before a refresh that they call for was made. */
  grow(): void {
    if (!this.isConsumed()) return;
    for (const { refreshDue } of this.ledger.state.districts.values())
      if (Object.keys(refreshDue).length > 0) return;
    for (const subscription of this.changeSubscriptions) subscription.log.old = subscription.log.end;
  }

  /** Throws a Violation if a closed run is not what it was when it closed. */
  checkClosed(): void {
    const { openRuns, closedRuns } = this.ledger.state;
    for (const { districtId, generation, state } of openRuns.values()) {
      const closed = this.#closed.get(`${districtId}/${generation}`);
      if (closed !== undefined)
        throw new Violation(`run ${districtId}/${generation} was closed as ${closed} and is ${state} now`);
    }
    for (const [key, { state }] of closedRuns) {
      const closed = this.#closed.get(key);
      if (closed !== undefined && closed !== state)
        throw new Violation(`run ${key} was closed as ${closed} and is ${state} now`);
      this.#closed.set(key, state);
    }
  }

  #addDistrict(districtId: string): void {
    this.ledger.addDistrict(districtId);
    this.districts.set(districtId, new SourceDistrict(districtId, this.random, () => this.scheduler.steps));
  }

  #surroundings(): Surroundings {
    return {
      scheduler: this.scheduler,
      random: this.random,
      topics: this.topics,
      ledger: this.ledger,
      indexOf: young((partition) => {
        const index = this.indexes[partition];
        if (index === undefined) throw new RangeError('no such partition');
        return index;
      }),
      districts: this.districts,
      mayFail: young(() => this.isFaulty),
      tampering: this.tampering,
      beforeAppend: young((messages) => this.beforeAppend(messages)),
      beforeWrite: young((...write) => this.beforeWrite(...write)),
      beforeRebuildStep: young((...step) => this.beforeRebuildStep(...step)),
      onClaim: young((run: RunKey) => {
        this.#pulls.set(`${run.districtId}/${run.generation}`, this.scheduler.steps);
        this.onClaim(run);
      }),
      recordsAtMost: this.isWilder ? FEW_RECORDS : Number.POSITIVE_INFINITY,
    };
  }

  #watch(): void {
    const watched =
      <E>(look: (entry: E) => void) =>
      (entry: E): void => {
        try {
          look(entry);
        } catch (error) {
          this.scheduler.fail(error);
        }
      };
    for (const log of this.topics.raw) log.onAppend = watched((entry) => this.witness.raw(entry));
    this.topics.reports.onAppend = watched((entry) => this.witness.reported(entry));
    for (const [type, partition, log] of this.#changeLogs())
      log.onAppend = watched((entry) => {
        this.witness.published(type, partition, entry);
        if (entry.message.kind === 'change') this.onChange(partition);
      });
  }

  /** What others than the persister report goes to nobody, but for a drift: it calls for a refresh, whoever finds it. */
  #persisting(
    store: MemoryRosterStore,
    types: readonly EntityType[] = ENTITY_TYPES,
  ): readonly Share<Published>[] {
    return this.#changeLogs(types).map(([type, partition, log]) => ({
      subscription: this.#subscribe(log),
      handlerFor: persisterHandler(this.#around, store, type, partition, (report) => {
        this.#reported(report);
        return store === this.store || report.kind === 'drift';
      }),
    }));
  }

  #reported(report: Report): void {
    if (report.kind === 'drift') this.drifts.push(report);
    if (report.kind === 'drift' && !this.witness.isLossy)
      this.scheduler.fail(new Violation(`a right copy was called wrong: ${JSON.stringify(report)}`));
  }

  #changeLogs(
    types: readonly EntityType[] = ENTITY_TYPES,
  ): readonly (readonly [EntityType, number, PartitionLog<Published>])[] {
    return types.flatMap((type) =>
      this.topics.raw.map(
        (_, partition) => [type, partition, this.topics.changesOf(type, partition)] as const,
      ),
    );
  }

  #subscribe<M>(log: PartitionLog<M>): Subscription<M> {
    return new Subscription(log, this.scheduler, this.random);
  }
}
