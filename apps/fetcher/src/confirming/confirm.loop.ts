/* Looks for runs to be confirmed, beside the pulls: asking is short, and must not wait behind a large district. */
import type { ClaimedConfirmation } from '#ledger';
import type { Metrics, ServiceLog } from '#service';
import type { ConfirmPorts } from '../ports.js';
import { RunConfirmation, type ConfirmOutcome, type ConfirmSettings } from './confirm-run.js';

export interface ConfirmLoopSettings extends ConfirmSettings {
  readonly concurrency: number;
  readonly pollMs: number;
}

const PAUSE_AFTER_ERROR_MS = 1000;

export class ConfirmLoop {
  private readonly stopping = new AbortController();
  private readonly confirmations = new Map<RunConfirmation, Promise<void>>();
  private readonly answers;
  private looping: Promise<void> | undefined;

  constructor(
    private readonly ports: ConfirmPorts,
    private readonly settings: ConfirmLoopSettings,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.answers = metrics.counter('rollcall_single_reads_total', 'absent records asked for one by one', [
      'answer',
    ]);
  }

  onApplicationBootstrap(): void {
    this.looping = this.loop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.looping;
    for (const confirmation of this.confirmations.keys()) confirmation.stop();
    await Promise.all(this.confirmations.values());
  }

  private async loop(): Promise<void> {
    const { concurrency, pollMs } = this.settings;
    while (!this.stopping.signal.aborted) {
      let pauseMs = pollMs;
      try {
        if (this.confirmations.size < concurrency && (await this.claimOne())) continue;
      } catch (error) {
        // The ledger is away: this loop is what asks it again.
        this.log.warn('claim-failed', { error });
        pauseMs = PAUSE_AFTER_ERROR_MS;
      }
      await this.pause(pauseMs);
    }
  }

  private async claimOne(): Promise<boolean> {
    const { ledger, clock } = this.ports;
    const askedAt = clock.elapsedMs();
    const run = await ledger.claim(this.settings.owner, this.settings.leaseMs);
    if (run === null) return false;
    const confirmation = new RunConfirmation(run, this.ports, this.settings, askedAt);
    this.confirmations.set(confirmation, this.follow(run, confirmation));
    return true;
  }

  private async follow(run: ClaimedConfirmation, confirmation: RunConfirmation): Promise<void> {
    const { districtId, generation } = run;
    try {
      this.tell({ districtId, generation }, await confirmation.confirm());
    } catch (error) {
      if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
        throw error;
      this.log.warn('run-abandoned', { districtId, generation, error });
    } finally {
      this.confirmations.delete(confirmation);
    }
  }

  private tell(run: { districtId: string; generation: number }, outcome: ConfirmOutcome): void {
    switch (outcome.kind) {
      case 'confirmed': {
        const { state, finding } = outcome.confirmation;
        for (const { asked, gone, there } of Object.values(outcome.found)) {
          this.answers.inc({ answer: 'gone' }, gone);
          this.answers.inc({ answer: 'there' }, there.length);
          this.answers.inc({ answer: 'silent' }, asked - gone - there.length);
        }
        this.log.info('run-confirmed', { ...run, state, finding });
        break;
      }
      case 'failed':
        this.log.warn('run-failed', { ...run, reason: outcome.reason, retry: outcome.retry });
        break;
      case 'lost':
        this.log.warn('run-lost', run);
        break;
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
