import { describe, expect, it } from '@jest/globals';
import { fetcherSeenIn } from './decide.js';
import type { OpenRun } from './runs.js';

type Seen = Pick<OpenRun, 'state' | 'leaseHeld' | 'stateAt'>;

const NOW = 1_000;
const OPENED: Seen = { state: 'opened', leaseHeld: false, stateAt: 900 };
const READ: Seen = { state: 'read', leaseHeld: false, stateAt: 700 };
const CLAIMED: Seen = { state: 'reading', leaseHeld: true, stateAt: 100 };

const seen = (...runs: Seen[]) => fetcherSeenIn(runs as OpenRun[], NOW);

describe('when a fetcher was last at work', () => {
  it('is now while one holds a run, else the latest reading that ended, else never', () => {
    expect(seen(OPENED, READ, CLAIMED)).toBe(NOW);
    expect(seen(READ, { ...READ, stateAt: 800 }, OPENED)).toBe(800);
    expect(seen(OPENED)).toBe(0);
    expect(seen()).toBe(0);
  });

  it('is told of as many runs as there are districts', () => {
    const runs = Array.from({ length: 200_000 }, () => READ as OpenRun);
    expect(fetcherSeenIn(runs, NOW)).toBe(700);
  });
});
