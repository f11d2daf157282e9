import type { PageAnswer } from './page-requests.js';

interface UnderWay {
  readonly answer: Promise<PageAnswer>;
  readonly stop: AbortController;
}

/** Pages asked for before they are needed. Those that turn out not to be are given up. */
export class PagesAhead {
  private readonly underWay = new Map<number, UnderWay>();
  private isClosed = false;

  constructor(private readonly ask: (offset: number, signal: AbortSignal) => Promise<PageAnswer>) {}

  /** From now on these are under way, and no others. */
  fill(offsets: readonly number[]): void {
    for (const offset of this.underWay.keys()) if (!offsets.includes(offset)) this.giveUp(offset);
    for (const offset of offsets) this.start(offset);
  }

  async take(offset: number): Promise<PageAnswer> {
    const { answer } = this.start(offset);
    try {
      return await answer;
    } finally {
      this.underWay.delete(offset);
    }
  }

  /** Stops what is under way and whatever is asked for from now on. */
  close(): void {
    this.isClosed = true;
    this.fill([]);
  }

  private start(offset: number): UnderWay {
    const known = this.underWay.get(offset);
    if (known !== undefined) return known;
    const stop = new AbortController();
    if (this.isClosed) stop.abort();
    const started = { answer: this.ask(offset, stop.signal), stop };
    started.answer.catch(() => undefined); // told where it is awaited
    this.underWay.set(offset, started);
    return started;
  }

  private giveUp(offset: number): void {
    this.underWay.get(offset)?.stop.abort();
    this.underWay.delete(offset);
  }
}
