import {
  ENTITY_TYPES,
  isDistrictEvent,
  type EntityType,
  type RawMarker,
  type Report,
  type RunKey,
  type TypePlan,
} from '#contracts';
import type { Journal, LedgerView, LifecycleEvent, Ports } from '../../src/settlement/ports.js';
import type { ProofPoint, Wish } from '../../src/settlement/runs.js';
import { StepLoop } from '../../src/settlement/step-loop.js';
import { DEFAULT_TIMES } from '../../src/settlement/times.js';
import { typePlan } from './type-plan.js';
import type { LedgerUnderWalk } from './ledger-under-walk.js';

export const DISTRICT = 'd-1';
export const PARTITIONS = 2;
export const MINUTE_MS = 60_000;
export const STALE = { users: { active: 100, seen: 51, unchanged: 50, created: 1, stale: 50 } };
export const MASKED = { users: { active: 200, seen: 200, updated: 190, unchanged: 10 } };
export type MakeWorld = () => Promise<World>;

/** A coordinator that ended at a failpoint. */
export class Crash extends Error {}

export interface Sent {
  readonly marker: RawMarker;
  readonly partitions: readonly number[];
}

/** The step loop between a ledger and partitions that answer at once, on a clock the walk turns. */
export class World {
  /** The ledger in Postgres takes some times from its own clock, so walks begin now. */
  now = Date.now();
  readonly epochs: number[] = Array.from({ length: PARTITIONS }, () => 1);
  readonly sent: Sent[] = [];
  readonly events: LifecycleEvent[] = [];
  readonly silent = new Set<number>();
  readonly alarms: string[] = [];
  /** What a coordinator saw last; null while it is not active. */
  seen: LedgerView | null = null;
  readonly journal: Journal = {
    decided: () => undefined,
    looked: (view) => void (this.seen = view),
    wanted: () => undefined,
    trouble: () => undefined,
    alarm: (sentence) => void this.alarms.push(sentence),
  };
  /** Failpoints that were passed, and the one that ends the coordinator, once. */
  readonly passed = new Set<string>();
  crashAt: string | null = null;
  /** Thrown by the raw log, or by the log of what happens to runs, while it is set. */
  logFailure: Error | null = null;
  eventsFailure: Error | null = null;
  plans: Partial<Record<EntityType, Partial<TypePlan>>> = { users: { created: 3, seen: 3 } };
  loop: StepLoop;
  #reports: Report[] = [];
  #nonce = 0;

  constructor(readonly of: LedgerUnderWalk) {
    this.loop = this.coordinator('first');
  }

  coordinator(owner: string): StepLoop {
    const { views, openings, ledger } = this.of;
    const ports: Ports = {
      ...{ views, openings, ledger },
      rawLog: { publish: async (marker, partitions) => this.#receive({ marker, partitions }) },
      snapshotLog: { publish: async (events) => this.#tell(events) },
      clock: { now: () => this.now },
      journal: this.journal,
      nonce: () => `nonce-${(this.#nonce += 1)}`,
      failpoint: (name) => {
        this.passed.add(name);
        if (name !== this.crashAt) return;
        this.crashAt = null;
        throw new Crash(name);
      },
    };
    return new StepLoop(ports, { owner, leaseMs: 15_000, partitionCount: PARTITIONS, times: DEFAULT_TIMES });
  }

  /** Steps and delivers reports until nothing moves. */
  async settle(): Promise<void> {
    for (let n = 0; n < 40; n += 1) {
      const moved = await this.loop.step();
      const reports = this.#reports.splice(0);
      if (reports.length > 0) await this.of.record(reports, this.now);
      else if (!moved) return;
    }
    throw new Error('the walk does not come to rest');
  }

  /** Steps and delivers reports until this holds. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    for (let n = 0; n < 40; n += 1) {
      if (await holds()) return;
      await this.of.record(this.#reports.splice(0), this.now);
      await this.loop.step();
    }
    throw new Error('the walk does not come there');
  }

  async want(changes: Partial<Wish> = {}): Promise<void> {
    await this.of.want({
      ...{
        districtId: DISTRICT,
        cause: 'asked',
        dryRun: false,
        retries: 'scheduled',
        attempt: 1,
        failures: 0,
      },
      dueAt: this.now,
      ...changes,
    });
  }

  /** Wishes for a run and sees it opened and claimed. */
  async opened(changes: Partial<Wish> = {}): Promise<RunKey> {
    await this.want(changes);
    await this.settle();
    return this.claimed();
  }

  async claimed(): Promise<RunKey> {
    const run = await this.of.claim('fetcher');
    if (run === null) throw new Error('no run was opened');
    return run;
  }

  /** The fetcher has read everything; all partitions have planned. */
  async read(run: RunKey, proof: readonly ProofPoint[] = []): Promise<void> {
    await this.of.finish(run, proof);
    this.answerPlanned(run);
    await this.of.record(this.#reports.splice(0), this.now);
    await this.settle();
  }

  answerPlanned(run: RunKey): void {
    this.epochs.forEach((epoch, partition) => {
      if (!this.silent.has(partition)) this.#reports.push({ ...this.#planned(run), partition, epoch });
    });
  }

  report(...reports: readonly Report[]): void {
    this.#reports.push(...reports);
  }

  kinds(): readonly string[] {
    return this.sent.map(({ marker }) => marker.kind);
  }

  moments(): readonly string[] {
    return this.events.filter((event) => !isDistrictEvent(event)).map(({ moment }) => moment);
  }

  async state(run: RunKey): Promise<string> {
    return (await this.of.find(run)).state;
  }

  /** As `settle`, with another coordinator in the place of one that crashes. */
  async settleThroughCrash(): Promise<void> {
    try {
      await this.settle();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      await this.takeOver('second');
      await this.settle();
    }
  }

  /** The place of the active coordinator is free, and this one takes it at its next step. */
  async takeOver(owner: string): Promise<void> {
    await this.of.loseCoordinatorLease();
    this.now += 16_000;
    this.loop = this.coordinator(owner);
  }

  #receive(sent: Sent): void {
    if (this.logFailure !== null) throw this.logFailure;
    this.sent.push(sent);
    const { marker } = sent;
    for (const partition of sent.partitions) {
      const place = { partition, epoch: this.epochs[partition] ?? 0 };
      if (this.silent.has(partition)) continue;
      if (marker.kind === 'ask') this.#reports.push({ kind: 'ready', ...place, nonce: marker.nonce });
      if (marker.kind !== 'apply' && marker.kind !== 'sweep') continue;
      const { districtId, generation } = marker;
      const kind = marker.kind === 'apply' ? 'applied' : 'swept';
      this.#reports.push({ kind, districtId, generation, ...place, types: {} });
    }
  }

  #tell(events: readonly LifecycleEvent[]): void {
    if (this.eventsFailure !== null) throw this.eventsFailure;
    this.events.push(...events);
  }

  #planned({ districtId, generation }: RunKey): Report & { kind: 'planned' } {
    const types = Object.fromEntries(ENTITY_TYPES.map((type) => [type, typePlan(this.plans[type] ?? {})]));
    return { kind: 'planned', districtId, generation, partition: 0, epoch: 1, types };
  }
}
