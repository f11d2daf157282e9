/** Part of a retry that an answer gives back: one answer in ten may fail for ever. */
const PER_ANSWER = 0.1;
/** One comes back in this time whatever happens, so that a later pull has some again. */
const REFILL_MS = 10_000;

/** Bounds the retries of all requests of one credential together: a source that fails all the time ends the pull. */
export class RetryBudget {
  private inHand: number;
  private countedAt: number;

  constructor(
    /** In hand at the start, and at most. */
    private readonly retries: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.inHand = retries;
    this.countedAt = now();
  }

  /** False: used up. */
  take(): boolean {
    const now = this.now();
    this.add((now - this.countedAt) / REFILL_MS);
    this.countedAt = now;
    if (this.inHand < 1) return false;
    this.inHand -= 1;
    return true;
  }

  answered(): void {
    this.add(PER_ANSWER);
  }

  private add(retries: number): void {
    this.inHand = Math.min(this.retries, this.inHand + retries);
  }
}
