/*
 * Finds out that a consumer is alive but stuck: for so long no handler gave a sign (was called, sent a heartbeat,
 * committed), although one is being waited for, or an own partition holds messages nobody was called with. It counts
 * its own ticks, not time: a process that was stopped and goes on has missed none. It hurts nobody: a handler silent
 * for longer than the session is no member of its group any more, and while Kafka is away nothing is found.
 */
export interface Consumption {
  /** A handler was called and has not returned. */
  isHandling(): boolean;
  /** Own partitions, not paused, as `topic/partition`, with what is behind their commit; rejects while Kafka is away. */
  lagging(): Promise<readonly string[]>;
}

export class StuckWatch {
  #silentTicks = 0;
  #isLooking = false;

  constructor(
    private readonly consumption: Consumption,
    /** So many ticks in a row without a sign. */
    private readonly limit: number,
    private readonly onStuck: (where: readonly string[]) => void,
  ) {}

  /** A handler was called, or did something that shows it goes on. */
  sign(): void {
    this.#silentTicks = 0;
  }

  async tick(): Promise<void> {
    this.#silentTicks += 1;
    if (this.#silentTicks < this.limit || this.#isLooking) return;
    this.#isLooking = true;
    try {
      const where = await this.#stuckAt();
      if (where.length === 0) this.#silentTicks = 0;
      else if (this.#silentTicks >= this.limit) this.onStuck(where);
    } finally {
      this.#isLooking = false;
    }
  }

  async #stuckAt(): Promise<readonly string[]> {
    if (this.consumption.isHandling()) return ['a handler that does not return'];
    try {
      return await this.consumption.lagging();
    } catch {
      return []; // Kafka is away: whether anything waits cannot be known
    }
  }
}
