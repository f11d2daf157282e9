/*
 * Holds the lease on one run: renewed in the background, lost when the ledger says so or when no renewal succeeded
 * for as long as it lasts (the process may have been stopped meanwhile). From the loss on the signal is aborted and
 * `assertLive` throws, so that nothing more of the run is published.
 */
import type { RunKey } from '#contracts';
import { isTransientLedgerError } from '#ledger';
import type { Clock, Ledger } from '../ports.js';
import { LeaseLostError } from '../snapshot/snapshot.errors.js';

export interface LeaseTimes {
  readonly leaseMs: number;
  readonly renewMs: number;
}

const ASK_AGAIN_MS = 250;

export class Lease {
  private readonly controller = new AbortController();
  private readonly ended = new AbortController();
  private renewedAt: number;

  constructor(
    private readonly run: RunKey,
    private readonly owner: string,
    private readonly ledger: Pick<Ledger, 'renew'>,
    private readonly clock: Clock,
    private readonly times: LeaseTimes,
    /** When the claim was asked for: the lease cannot have begun before. */
    claimedAt: number,
  ) {
    this.renewedAt = claimedAt;
  }

  /** Aborted when the pull must stop; its reason is the error to end with. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  start(): void {
    void this.renewUntilEnded(); // never rejects
  }

  /** Ends the pull from outside, with the lease still held. */
  stop(reason: Error): void {
    if (!this.controller.signal.aborted) this.controller.abort(reason);
  }

  assertLive(): void {
    if (this.clock.elapsedMs() - this.renewedAt >= this.times.leaseMs) this.stop(lost('it has run out'));
    if (this.controller.signal.aborted) throw this.controller.signal.reason;
  }

  /** Asks the ledger now: to be called before what must not be published by a late one. */
  async confirm(): Promise<void> {
    try {
      await this.renew();
    } catch (error) {
      await this.askAgain(error, () => this.renew());
    }
    this.assertLive();
  }

  /**
   * A whole pull may hang on one answer: a ledger that was away is asked again for as long as the lease may last. Throws
   * a failure that does not pass by itself.
   */
  async askAgain<T>(failure: unknown, ask: () => Promise<T>): Promise<T> {
    for (let error = failure; ;) {
      if (!isTransientLedgerError(error)) throw error;
      this.assertLive();
      await this.clock.delay(ASK_AGAIN_MS, this.signal);
      try {
        return await ask();
      } catch (next) {
        error = next;
      }
    }
  }

  /** A renewal still on its way is not waited for: it may hang, and does nothing to a run that is over. */
  end(): void {
    this.ended.abort('the run is over');
  }

  private async renewUntilEnded(): Promise<void> {
    while (await this.waited()) {
      try {
        await this.renew();
      } catch {
        // The ledger did not answer: asked again until the lease has run out by the clock.
        if (this.clock.elapsedMs() - this.renewedAt >= this.times.leaseMs)
          this.stop(lost('it could not be renewed'));
      }
    }
  }

  private async waited(): Promise<boolean> {
    if (this.ended.signal.aborted || this.controller.signal.aborted) return false;
    try {
      await this.clock.delay(this.times.renewMs, this.ended.signal);
    } catch {
      return false; // ended meanwhile
    }
    return !this.controller.signal.aborted;
  }

  private async renew(): Promise<void> {
    const askedAt = this.clock.elapsedMs();
    if (await this.ledger.renew(this.run, this.owner, this.times.leaseMs)) this.renewedAt = askedAt;
    else this.stop(lost('the ledger says so'));
  }
}

function lost(why: string): LeaseLostError {
  return new LeaseLostError(`the lease is lost: ${why}`);
}
