import { Injectable } from '@nestjs/common';

/**
 * Time as Postgres tells it: leases, deadlines and generations of all coordinators and fetchers go by one clock,
 * whatever the hosts' own say. Between two looks at the ledger it goes on by the process's monotonic clock.
 */
@Injectable()
export class LedgerClock {
  private offsetMs = Date.now() - performance.now();

  /** Milliseconds. */
  now(): number {
    return Math.round(performance.now() + this.offsetMs);
  }

  /** What the ledger says just now. */
  setTo(nowMs: number): void {
    this.offsetMs = nowMs - performance.now();
  }
}
