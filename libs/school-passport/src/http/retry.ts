import { SchoolPassportError } from '../school-passport.errors.js';

export interface RetrySettings {
  /** Tries of one request, the first included. */
  readonly maxAttempts: number;
  /** Ceiling of the first wait; doubles with each. */
  readonly baseMs: number;
  readonly capMs: number;
  /** A longer Retry-After than this ends the request. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY: RetrySettings = {
  maxAttempts: 6,
  baseMs: 500,
  capMs: 30_000,
  maxRetryAfterMs: 120_000,
};

const RETRYABLE = new Set([408, 425, 429]);

export function isRetryable(error: SchoolPassportError): boolean {
  if (error.code === 'network' || error.code === 'timeout') return true;
  const status = error.coordinates?.status ?? 0;
  return error.code === 'status' && (RETRYABLE.has(status) || status >= 500);
}

/** Whether the source has too much to do: time-outs, 429 and 5xx. */
export function isOverload(error: SchoolPassportError): boolean {
  const status = error.coordinates?.status ?? 0;
  return error.code === 'timeout' || (error.code === 'status' && (status === 429 || status >= 500));
}

/** How long to wait before the next try, in ms; `undefined`: no further try. `random` is in [0, 1). */
export function waitBeforeRetry(
  error: SchoolPassportError,
  attempt: number,
  settings: RetrySettings,
  random: () => number,
): number | undefined {
  if (!isRetryable(error) || attempt >= settings.maxAttempts) return undefined;
  const jitterMs = random() * Math.min(settings.capMs, settings.baseMs * 2 ** (attempt - 1));
  const askedMs = error.retryAfterMs;
  if (askedMs === undefined) return jitterMs;
  // Jitter on top: others that were told the same second come back beside us.
  return askedMs > settings.maxRetryAfterMs ? undefined : askedMs + Math.min(jitterMs, settings.baseMs);
}

/** Retry-After in ms: seconds or an HTTP date. */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
