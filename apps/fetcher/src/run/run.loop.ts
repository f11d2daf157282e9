/* Looks for opened runs and fetches up to `concurrency` of them side by side. Stateless: the ledger says what is next. */
import type { ClaimedRun, WarningCounts } from '#ledger';
import { failpoint, type Health, type Metrics, type ServiceLog } from '#service';
import { requireSane } from './claimed-run.js';
import { RunFetch, type FetchSettings, type RunOutcome } from './fetch-run.js';
import type { Ports } from '../ports.js';

export interface LoopSettings extends FetchSettings {
  readonly concurrency: number;
  /** Of all fetchers together. */
  readonly totalConcurrency: number;
  readonly pollMs: number;
}

const PAUSE_AFTER_ERROR_MS = 1000;
const FETCH_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200];

export class RunLoop {
  private readonly stopping = new AbortController();
  private readonly fetches = new Map<RunFetch, Promise<void>>();
  private readonly fetchSeconds;
  private readonly recordWarnings;
  private looping: Promise<void> | undefined;
  private claimError: Error | undefined;

  constructor(
    private readonly ports: Ports,
    private readonly settings: LoopSettings,
    private readonly log: ServiceLog,
    metrics: Metrics,
    health: Health,
  ) {
    this.fetchSeconds = metrics.histogram(
      'rollcall_fetch_seconds',
      'from the claim of a run to the outcome of reading it',
      ['outcome'],
      FETCH_SECONDS,
    );
    this.recordWarnings = metrics.counter(
      'rollcall_record_warnings_total',
      'Values of records that went through, missing, empty, masked or not of their kind',
      ['type', 'attribute'],
    );
    health.register('ledger', () => {
      if (this.claimError !== undefined) throw this.claimError;
    });
  }

  onApplicationBootstrap(): void {
    this.looping = this.loop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.looping;
    for (const fetch of this.fetches.keys()) fetch.stop();
    await Promise.all(this.fetches.values());
  }

  private async loop(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const isIdle = this.fetches.size >= this.settings.concurrency || !(await this.claimOne());
      if (isIdle) await this.pause(this.claimError ? PAUSE_AFTER_ERROR_MS : this.settings.pollMs);
    }
  }

  private async claimOne(): Promise<boolean> {
    const { ledger, clock } = this.ports;
    const askedAt = clock.elapsedMs();
    let run: ClaimedRun | null;
    try {
      const { owner, leaseMs, totalConcurrency } = this.settings;
      run = await ledger.claim(owner, leaseMs, totalConcurrency);
      this.claimError = undefined;
    } catch (error) {
      // The ledger is away: this loop is what asks it again.
      this.claimError = error instanceof Error ? error : new Error('the ledger does not answer');
      this.log.warn('claim-failed', { error: this.claimError });
      return false;
    }
    if (run === null) return false;
    failpoint('fetcher.after-claim');
    const fetch = new RunFetch(requireSane(run), this.ports, this.settings, askedAt);
    this.fetches.set(fetch, this.follow(run, fetch, askedAt));
    return true;
  }

  private async follow(run: ClaimedRun, fetch: RunFetch, claimedAt: number): Promise<void> {
    const { districtId, generation, attempt } = run;
    this.log.info('run-claimed', { districtId, generation, attempt });
    try {
      this.tell(run, await fetch.fetch(), claimedAt);
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
        throw error;
      this.log.warn('run-abandoned', { districtId, generation, error });
    } finally {
      this.fetches.delete(fetch);
    }
  }

  private tell({ districtId, generation }: ClaimedRun, outcome: RunOutcome, claimedAt: number): void {
    const seconds = (this.ports.clock.elapsedMs() - claimedAt) / 1000;
    this.fetchSeconds.observe({ outcome: outcome.kind }, seconds);
    const fields = { districtId, generation, seconds: Math.round(seconds * 1000) / 1000 };
    switch (outcome.kind) {
      case 'read': {
        const {
          rows,
          unreadable,
          quarantined,
          erased,
          warnings = {},
          masked,
          proof,
          quirks,
        } = outcome.reading;
        const points = proof.map(({ point, state }) => `${point} ${state}`);
        const counts = { rows, unreadable, quarantined, erased, warnings, masked };
        this.log.info('run-read', { ...fields, ...counts, proof: points, quirks });
        this.countWarnings(warnings);
        break;
      }
      case 'failed': {
        const { reason, retry, quirks } = outcome;
        this.log.warn('run-failed', { ...fields, reason, retry, quirks });
        break;
      }
      case 'lost':
        this.log.warn('run-lost', fields);
        break;
    }
  }

  private countWarnings(warnings: WarningCounts): void {
    for (const [type, attributes] of Object.entries(warnings)) {
      for (const [attribute, reasons] of Object.entries(attributes)) {
        const count = Object.values(reasons).reduce((sum, of) => sum + of, 0);
        this.recordWarnings.inc({ type, attribute }, count);
      }
    }
  }

  private async pause(ms: number): Promise<void> {
    try {
      await this.ports.clock.delay(ms, this.stopping.signal);
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    }
  }
}
