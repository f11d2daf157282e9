/*
 * The ledger in memory, for specs and the simulation: the same conditions as the one in Postgres, and each method is
 * one instant. The step loop cannot tell them apart, and a spec runs the same walks over both.
 */
import type { EntityType, OpenRunState, Report, RunKey, SnapshotMoment } from '#contracts';
import type { Judgement, Ledger, LedgerView, Openings, Views } from '../ports.js';
import type { PartitionPlan, PartitionState, Reading, Wish } from '../runs.js';
import {
  isAnswer,
  isClosed,
  plannedOf,
  toOpenRun,
  type MemoryDistrict,
  type MemoryEvent,
  type MemoryRun,
  type MemoryWish,
  type Mutable,
} from './memory-run.js';

const ANNOUNCED = ['rejected', 'superseded', 'expired', 'aborted'];

export class MemoryLedger implements Ledger, Openings, Views {
  readonly runs: MemoryRun[] = [];
  readonly districts = new Map<string, MemoryDistrict>();
  readonly wishes = new Map<string, MemoryWish>();
  readonly partitions = new Map<number, Mutable<PartitionState>>();
  readonly #ready = new Map<string, Map<number, number>>();
  readonly #passed = new Map<string, number>();
  #events: MemoryEvent[] = [];
  #eventId = 0;
  #lease = { owner: '', until: 0 };

  constructor(readonly now: () => number) {}

  addDistrict(districtId: string): void {
    this.districts.set(districtId, { districtId, suspended: null, lastGeneration: 0, refreshDue: new Set() });
  }

  async want(wish: Wish): Promise<boolean> {
    const district = this.districts.get(wish.districtId);
    if (district?.suspended !== null || this.wishes.has(wish.districtId)) return false;
    this.wishes.set(wish.districtId, { ...wish, nonce: null, askedAt: 0, askedAgainAt: 0, trouble: null });
    return true;
  }

  async holdLease(owner: string, leaseMs: number): Promise<'taken' | 'kept' | 'elsewhere'> {
    const now = this.now();
    if (this.#lease.owner !== owner && this.#lease.until > now) return 'elsewhere';
    const before = this.#lease.owner;
    this.#lease = { owner, until: now + leaseMs };
    return before === owner ? 'kept' : 'taken';
  }

  /** The active coordinator was silent for too long. */
  loseLease(): void {
    this.#lease.until = this.now();
  }

  async load(now: number): Promise<LedgerView> {
    const open = this.runs.filter((run) => !isClosed(run));
    const waiting = [...this.wishes.values()];
    const nonces = [...new Set(waiting.flatMap(({ nonce }) => (nonce === null ? [] : [nonce])))];
    return structuredClone({
      runs: open.map((run) => toOpenRun(run, this.districts.get(run.districtId)?.suspended ?? null, now)),
      unannounced: this.runs
        .filter((run) => ANNOUNCED.includes(run.state) && run.markerAt === null)
        .map(({ districtId, generation, reason, state }) => ({
          districtId,
          generation,
          reason: reason ?? state,
        })),
      due: waiting
        .filter((wish) => wish.nonce === null && wish.dueAt <= now)
        .filter((wish) => !open.some((run) => run.districtId === wish.districtId && run.state !== 'held'))
        .map(({ districtId }) => districtId),
      askings: nonces.map((nonce) => this.#asking(nonce, waiting)),
      partitions: [...this.partitions.values()],
      events: this.#events,
      awaitsPersister: this.runs.some((run) => run.state === 'completed' && !run.persisted),
    });
  }

  async plannedAnswers(key: RunKey): Promise<readonly PartitionPlan[]> {
    const run = this.find(key);
    return run === undefined ? [] : plannedOf(run);
  }

  async ask(nonce: string, districtIds: readonly string[], at: number): Promise<void> {
    for (const districtId of districtIds) {
      const wish = this.wishes.get(districtId);
      if (wish?.nonce === null) Object.assign(wish, { nonce, askedAt: at, askedAgainAt: at });
    }
  }

  async askedAgain(nonce: string, at: number): Promise<void> {
    for (const wish of this.wishes.values()) if (wish.nonce === nonce) wish.askedAgainAt = at;
  }

  async postpone(nonce: string, trouble: string, dueAt: number): Promise<void> {
    for (const wish of this.wishes.values()) {
      if (wish.nonce === nonce) Object.assign(wish, { nonce: null, trouble, dueAt });
    }
  }

  async open(
    districtId: string,
    nonce: string,
    epochs: Readonly<Record<string, number>>,
    at: number,
  ): Promise<number | null> {
    const district = this.districts.get(districtId);
    const wish = this.wishes.get(districtId);
    if (district?.suspended !== null || wish?.nonce !== nonce) return null;
    const open = this.runs.find((run) => run.districtId === districtId && !isClosed(run));
    if (open !== undefined && open.state !== 'held') return null;
    if (open !== undefined) this.#close(open, 'superseded', 'a newer run was opened', at);
    this.wishes.delete(districtId);
    const generation = Math.max(district.lastGeneration + 1, Math.floor(at / 1000));
    district.lastGeneration = generation;
    const { cause, dryRun, retries, attempt, failures } = wish;
    const refresh = [...district.refreshDue] as EntityType[];
    this.runs.push({
      ...{ districtId, generation, cause, dryRun, retries, attempt, failures, epochs, refresh },
      ...{ state: 'opened', openedAt: at, stateAt: at, markerAt: null, reason: null, readFailure: null },
      ...{ reading: null, hold: null, plan: null, findings: [], answers: new Map(), leaseOwner: null },
      ...{ leaseUntil: 0, retryAt: null, persisted: false },
    });
    this.#tell({ districtId, generation }, 'opened', at);
    return generation;
  }

  /** As a fetcher: `opened` → `reading`. */
  claim(owner: string, leaseMs: number): RunKey | null {
    const run = this.runs.find(({ state }) => state === 'opened');
    if (run === undefined) return null;
    Object.assign(run, { state: 'reading', stateAt: this.now(), leaseOwner: owner });
    run.leaseUntil = this.now() + leaseMs;
    return { districtId: run.districtId, generation: run.generation };
  }

  /** As a fetcher: `reading` → `read`, or the reason why not. */
  finish(key: RunKey, outcome: { reading: Reading } | { failure: string; retry: boolean }): boolean {
    const run = this.find(key);
    if (run?.state !== 'reading' || run.leaseUntil <= this.now()) return false;
    if ('failure' in outcome) run.readFailure = { reason: outcome.failure, retry: outcome.retry };
    else Object.assign(run, { state: 'read', stateAt: this.now(), markerAt: null, reading: outcome.reading });
    return true;
  }

  async plan(
    key: RunKey,
    { plan, findings, hold }: Judgement,
    _verbs: unknown,
    at: number,
  ): Promise<boolean> {
    return this.#move(key, ['read'], at, (run) => {
      Object.assign(run, { state: 'planned', plan, findings, hold });
      this.#tell(key, 'planned', at);
    });
  }

  async apply(key: RunKey, at: number): Promise<boolean> {
    return this.#move(key, ['planned'], at, (run) => {
      if (run.hold === 'everything' || run.dryRun) return false;
      return void (run.state = 'applying');
    });
  }

  async hold(key: RunKey, from: OpenRunState, reason: string, at: number): Promise<boolean> {
    return this.#move(key, [from], at, (run) => {
      if (run.hold === null || run.dryRun) return false;
      Object.assign(run, { state: 'held', reason });
      return this.#tell(key, 'held', at);
    });
  }

  async sweep(key: RunKey, from: OpenRunState, at: number): Promise<boolean> {
    return this.#move(key, [from], at, (run) => {
      if (run.hold !== null || run.dryRun) return false;
      return void (run.state = 'sweeping');
    });
  }

  async complete(key: RunKey, refreshed: readonly EntityType[], at: number): Promise<boolean> {
    return this.#move(key, ['sweeping'], at, (run) => {
      for (const type of refreshed) this.districts.get(key.districtId)?.refreshDue.delete(type);
      this.#close(run, 'completed', null, at);
    });
  }

  async expire(key: RunKey, heldSince: number, at: number): Promise<boolean> {
    return this.#move(key, ['held'], at, (run) => {
      if (run.stateAt > heldSince) return false;
      return this.#close(run, 'expired', run.reason, at);
    });
  }

  async abort(
    key: RunKey,
    from: OpenRunState,
    reason: string,
    wish: Wish | null,
    at: number,
  ): Promise<boolean> {
    return this.#move(key, [from], at, (run) => this.#abort(run, reason, wish, at));
  }

  async abortLostLease(key: RunKey, reason: string, wish: Wish | null, at: number): Promise<boolean> {
    return this.#move(key, ['reading'], at, (run) => {
      if (run.leaseUntil > this.now()) return false;
      return this.#abort(run, reason, wish, at);
    });
  }

  async approve(key: RunKey, digest: string, _who: string, _why: string, at: number): Promise<boolean> {
    return this.#move(key, ['held'], at, (run) => {
      if (run.plan?.digest !== digest || this.districts.get(key.districtId)?.suspended !== null) return false;
      const state = run.hold === 'everything' ? 'applying' : 'sweeping';
      Object.assign(run, { state, hold: null, reason: null });
      return this.#tell(key, 'approved', at);
    });
  }

  async reject(key: RunKey, digest: string, _who: string, why: string, at: number): Promise<boolean> {
    return this.#move(key, ['held'], at, (run) => {
      if (run.plan?.digest !== digest) return false;
      return this.#close(run, 'rejected', why, at);
    });
  }

  async markerSent(key: RunKey, state: OpenRunState, at: number): Promise<void> {
    const run = this.find(key);
    if (run?.state === state) run.markerAt = at;
  }

  async announced(key: RunKey, at: number): Promise<void> {
    const run = this.find(key);
    if (run !== undefined && ANNOUNCED.includes(run.state)) run.markerAt = at;
  }

  async published(eventIds: readonly number[]): Promise<void> {
    this.#events = this.#events.filter(({ id }) => !eventIds.includes(id));
  }

  async notePersisted(watermarks: number): Promise<readonly RunKey[]> {
    const seen = this.runs.filter((run) => {
      if (run.state !== 'completed' || run.persisted) return false;
      const prefix = `${run.districtId}/`;
      const passed = [...this.#passed].filter(([key, g]) => key.startsWith(prefix) && g >= run.generation);
      return passed.length >= watermarks;
    });
    for (const run of seen) run.persisted = true;
    return seen.map(({ districtId, generation }) => ({ districtId, generation }));
  }

  async record(reports: readonly Report[], at: number): Promise<void> {
    for (const report of reports) {
      if ('partition' in report && report.kind !== 'passed' && report.kind !== 'drift')
        this.#heard(report, at);
      if (report.kind === 'ready' && [...this.wishes.values()].some(({ nonce }) => nonce === report.nonce)) {
        const answers = this.#ready.get(report.nonce) ?? new Map<number, number>();
        answers.set(report.partition, Math.max(report.epoch, answers.get(report.partition) ?? 0));
        this.#ready.set(report.nonce, answers);
      }
      if (report.kind === 'passed') {
        const key = `${report.districtId}/${report.partition}/${report.entityType}`;
        this.#passed.set(key, Math.max(report.generation, this.#passed.get(key) ?? 0));
      }
      if (report.kind === 'shadow') this.districts.get(report.districtId)?.refreshDue.add(report.entityType);
      if (!isAnswer(report)) continue;
      const run = this.find(report);
      if (run === undefined || isClosed(run) || run.epochs[report.partition] !== report.epoch) continue;
      const key = `${report.kind}/${report.partition}`;
      if (!run.answers.has(key)) run.answers.set(key, report);
    }
  }

  find({ districtId, generation }: RunKey): MemoryRun | undefined {
    return this.runs.find((run) => run.districtId === districtId && run.generation === generation);
  }

  #asking(nonce: string, waiting: readonly MemoryWish[]) {
    const wishes = waiting.filter((wish) => wish.nonce === nonce);
    return {
      nonce,
      districtIds: wishes.map(({ districtId }) => districtId),
      askedAt: Math.min(...wishes.map(({ askedAt }) => askedAt)),
      askedAgainAt: Math.max(...wishes.map(({ askedAgainAt }) => askedAgainAt)),
      answers: [...(this.#ready.get(nonce) ?? [])].map(([partition, epoch]) => ({ partition, epoch })),
    };
  }

  #heard({ partition, epoch, kind }: { partition: number; epoch: number; kind: string }, at: number): void {
    const state = this.partitions.get(partition) ?? { partition, epoch, heardAt: at, rebuildingAt: null };
    state.epoch = Math.max(state.epoch, epoch);
    state.heardAt = at;
    if (kind === 'rebuilding') state.rebuildingAt = at;
    this.partitions.set(partition, state);
  }

  /** False if the run is not in one of these states, or the change itself refuses. */
  #move(
    key: RunKey,
    from: readonly OpenRunState[],
    at: number,
    change: (run: MemoryRun) => false | void,
  ): boolean {
    const run = this.find(key);
    if (run === undefined || !(from as readonly string[]).includes(run.state)) return false;
    if (change(run) === false) return false;
    Object.assign(run, { stateAt: at, markerAt: null });
    return true;
  }

  #abort(run: MemoryRun, reason: string, wish: Wish | null, at: number): void {
    run.retryAt = wish?.dueAt ?? null;
    this.#close(run, 'aborted', reason, at);
    if (wish !== null) void this.want(wish);
  }

  #close(
    run: MemoryRun,
    state: SnapshotMoment & MemoryRun['state'],
    reason: string | null,
    at: number,
  ): void {
    Object.assign(run, { state, reason, hold: null, stateAt: at, markerAt: null });
    this.#tell(run, state, at, reason === null ? {} : { reason });
  }

  #tell({ districtId, generation }: RunKey, moment: SnapshotMoment, at: number, data = {}): void {
    const time = new Date(at).toISOString();
    this.#events.push({ id: (this.#eventId += 1), districtId, generation, moment, time, data });
  }
}
