/** Messages per transaction: enough to pay for it, few enough that a step takes a fraction of a second. */
const MOST_ENTRIES = 1_000;

/** How many messages the next step may take: always the most or, where it is bounded in time, by what the last one took. */
export class StepSize {
  #entries: number;

  constructor(private readonly mostMs: number | undefined) {
    this.#entries = mostMs === undefined ? MOST_ENTRIES : 1;
  }

  get entries(): number {
    return this.#entries;
  }

  /** At most doubled: what came so far may have been quick because it was known. */
  took(entries: number, ms: number): void {
    if (this.mostMs === undefined) return;
    const fitting = Math.floor((entries * this.mostMs) / Math.max(ms, 1));
    this.#entries = Math.max(1, Math.min(fitting, 2 * this.#entries, MOST_ENTRIES));
  }
}
