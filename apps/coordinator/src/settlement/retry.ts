import type { OpenRun, Wish } from './runs.js';
import type { Times } from './times.js';

/**
 * What follows an abort. `none`: nothing by itself; `pull-again`: the same pull at once, because the source moved
 * while it was read; `source`: another try after a pause; `own`: the same, but the first at once, because the cause
 * lies here (a rebuilt partition, a lost lease).
 */
export type Retry = 'none' | 'pull-again' | 'source' | 'own';

const FURTHER_TRIES_AT_ONCE = 2;

type Tried = Pick<OpenRun, 'districtId' | 'dryRun' | 'retries' | 'attempt' | 'failures'>;

/** The wish that takes an aborted run's place; null if its abort is final. */
export function wishAfter(run: Tried, retry: Retry, now: number, times: Times): Wish | null {
  const { districtId, dryRun, retries, attempt, failures } = run;
  const wish = { districtId, cause: 'retry', dryRun, retries, failures: failures + 1, attempt: 1 } as const;
  switch (retry) {
    case 'none':
      return null;
    case 'pull-again':
      return { ...wish, failures, attempt: attempt + 1, dueAt: now };
    case 'source':
    case 'own':
      if (retries === 'at-once') {
        return failures < FURTHER_TRIES_AT_ONCE ? { ...wish, dueAt: now } : null;
      }
      return { ...wish, dueAt: now + pauseMs(retry === 'own' ? failures - 1 : failures, times.retryMs) };
  }
}

function pauseMs(failures: number, pauses: readonly number[]): number {
  if (failures < 0) return 0;
  return pauses[Math.min(failures, pauses.length - 1)] ?? 0;
}
