import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';

/** Ends one request in time or with the caller; a signal of its own, so that nothing piles up on the caller's. */
export class TimeLimits {
  private message: string | undefined;
  private readonly controller = new AbortController();
  private readonly total: NodeJS.Timeout;
  private readonly headers: NodeJS.Timeout;
  private readonly stop = (): void => this.controller.abort();

  constructor(
    ms: { readonly headersTimeoutMs: number; readonly timeoutMs: number },
    private readonly outer: AbortSignal | undefined,
  ) {
    this.total = setTimeout(() => this.end('no whole answer in time'), ms.timeoutMs);
    this.headers = setTimeout(() => this.end('no answer in time'), ms.headersTimeoutMs);
    outer?.addEventListener('abort', this.stop);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  headersCame(): void {
    clearTimeout(this.headers);
  }

  /** Which time is over, if one is. */
  over(coordinates: RequestCoordinates): SchoolPassportError | undefined {
    return this.message === undefined
      ? undefined
      : new SchoolPassportError('timeout', this.message, coordinates);
  }

  clear(): void {
    clearTimeout(this.total);
    clearTimeout(this.headers);
    this.outer?.removeEventListener('abort', this.stop);
  }

  private end(message: string): void {
    this.message ??= message;
    this.controller.abort();
  }
}
