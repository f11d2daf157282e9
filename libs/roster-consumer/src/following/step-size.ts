/** Messages per transaction: enough to pay for it, few enough that a step takes a fraction of a second. */
const MOST_ENTRIES = 1_000;
/** Times what must not all be dead: a third of a first step that is dead is too many. */
const FIRST = 3;

/** How many messages the next step may take: always the most or, where it is bounded in time, by what the last one took. */
export class StepSize {
  #entries: number;

  /** `fewDead`: dead letters that are no reason to stop; the first step is large enough to hold more. */
  constructor(
    private readonly mostMs: number | undefined,
    fewDead?: number,
  ) {
    const first = fewDead === undefined ? 1 : FIRST * (fewDead + 1);
    this.#entries = mostMs === undefined ? MOST_ENTRIES : Math.min(first, MOST_ENTRIES);
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
