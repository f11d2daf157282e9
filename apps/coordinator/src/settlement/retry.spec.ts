import { describe, expect, it } from '@jest/globals';
import { wishAfter } from './retry.js';
import { DEFAULT_TIMES } from './times.js';

const NOW = 1_000_000;
const MINUTE_MS = 60_000;
const run = { districtId: 'd-1', dryRun: false, retries: 'scheduled', attempt: 2, failures: 0 } as const;
const dueIn = (failures: number, retry: 'source' | 'own'): number =>
  ((wishAfter({ ...run, failures }, retry, NOW, DEFAULT_TIMES)?.dueAt ?? 0) - NOW) / MINUTE_MS;

describe('what follows an abort', () => {
  it('is another try after 1, 5, 15, 60 minutes, and every 60 from then on', () => {
    expect([0, 1, 2, 3, 4, 9].map((failures) => dueIn(failures, 'source'))).toEqual([1, 5, 15, 60, 60, 60]);
  });

  it('is another try at once where the cause lies here, then the same pauses', () => {
    expect([0, 1, 2, 3, 4, 5].map((failures) => dueIn(failures, 'own'))).toEqual([0, 1, 5, 15, 60, 60]);
  });

  it('is nothing where the end is final', () => {
    expect(wishAfter(run, 'none', NOW, DEFAULT_TIMES)).toBeNull();
  });

  it('is two further tries at once where that was asked for', () => {
    const tries = [0, 1, 2].map((failures) =>
      wishAfter({ ...run, failures, retries: 'at-once' }, 'source', NOW, DEFAULT_TIMES),
    );
    expect(tries.map((wish) => wish?.dueAt)).toEqual([NOW, NOW, undefined]);
  });

  it('is the same pull again when the source moved, with its attempt counted and no failure', () => {
    expect(wishAfter({ ...run, dryRun: true }, 'pull-again', NOW, DEFAULT_TIMES)).toEqual({
      ...{ districtId: 'd-1', cause: 'retry', dryRun: true, retries: 'scheduled', attempt: 3, failures: 0 },
      dueAt: NOW,
    });
  });
});
