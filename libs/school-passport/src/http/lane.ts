/*
 * How many requests of one credential are under way at once: few at first, one more after each round of good answers,
 * half as many after a refusal (429, 5xx) or a time-out. What the source asks to wait (Retry-After) holds all of them.
 */
import { SchoolPassportError } from '../school-passport.errors.js';

export interface LaneSettings {
  /** Most requests at once. */
  readonly concurrency: number;
  /** A longer wait than this is not waited for. */
  readonly maxRetryAfterMs: number;
}

/** What a request's end says about the source; `nothing`: it was stopped, or failed in another way. */
export type LaneSign = 'good' | 'overload' | 'nothing';

/** A place in the lane, held while one request is under way. */
export interface Place {
  leave(sign: LaneSign): void;
}

interface Waiter {
  readonly enter: () => void;
  readonly refuse: (error: SchoolPassportError) => void;
}

const START = 2;
/** However long the source asks for: a header may be wrong by years. */
const LONGEST_HOLD_MS = 3_600_000;

export class Lane {
  private limit: number;
  private underWay = 0;
  private heldUntil = 0;
  /** Counts the halvings: requests begun before the last one say nothing new. */
  private halvings = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly waiting = new Set<Waiter>();

  constructor(
    private readonly settings: LaneSettings,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.limit = Math.min(START, settings.concurrency);
  }

  /** Requests at once, as of now. */
  get concurrency(): number {
    return Math.floor(this.limit);
  }

  /** Waits for a place. Throws SchoolPassportError `stopped`, or `asked-to-wait` for longer than is waited for. */
  enter(signal?: AbortSignal): Promise<Place> {
    return new Promise((resolve, reject) => {
      const tooLong = this.tooLong();
      if (tooLong !== undefined) throw tooLong;
      if (signal?.aborted) throw stopped();
      const leave = (): void => waiter.refuse(stopped());
      const end = (): void => {
        this.waiting.delete(waiter);
        signal?.removeEventListener('abort', leave);
      };
      const waiter: Waiter = {
        enter: () => (end(), resolve(this.place())),
        refuse: (error) => (end(), reject(error)),
      };
      signal?.addEventListener('abort', leave);
      this.waiting.add(waiter);
      this.admit();
    });
  }

  /** The source asked to be left alone for so long; after an hour it is asked again in any case. */
  hold(ms: number): void {
    this.heldUntil = Math.max(this.heldUntil, this.now() + Math.min(ms, LONGEST_HOLD_MS));
    const tooLong = this.tooLong();
    if (tooLong !== undefined) for (const { refuse } of this.waiting) refuse(tooLong);
  }

  private place(): Place {
    const { halvings } = this;
    let isLeft = false;
    const leave = (sign: LaneSign): void => {
      if (isLeft) return;
      isLeft = true;
      if (sign === 'good') this.grow();
      if (sign === 'overload' && halvings === this.halvings) this.halve();
      this.underWay -= 1;
      this.admit();
    };
    return { leave };
  }

  /** Only where the limit is what holds it back; otherwise nothing was tried. */
  private grow(): void {
    if (this.underWay < this.concurrency) return;
    this.limit = Math.min(this.settings.concurrency, this.limit + 1 / this.concurrency);
  }

  private halve(): void {
    this.halvings += 1;
    this.limit = Math.max(1, this.limit / 2);
  }

  private hasRoom(): boolean {
    return this.underWay < this.concurrency && this.now() >= this.heldUntil;
  }

  private admit(): void {
    clearTimeout(this.timer);
    for (const { enter } of this.waiting) {
      if (!this.hasRoom()) break;
      this.underWay += 1;
      enter();
    }
    const waitMs = this.heldUntil - this.now();
    if (this.waiting.size > 0 && waitMs > 0) this.timer = setTimeout(() => this.admit(), Math.ceil(waitMs));
  }

  private tooLong(): SchoolPassportError | undefined {
    const waitMs = this.heldUntil - this.now();
    if (waitMs <= this.settings.maxRetryAfterMs) return undefined;
    const message = 'the source asked to wait for longer than a pull does';
    return new SchoolPassportError('asked-to-wait', message, undefined, waitMs);
  }
}

function stopped(): SchoolPassportError {
  return new SchoolPassportError('stopped', 'the request was stopped');
}
