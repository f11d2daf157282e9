import { describe, expect, it } from '@jest/globals';
import { isRefreshWanted } from './refresh.js';
import { DEFAULT_TIMES } from './times.js';

const MINUTE_MS = 60_000;
const NOW = 1_000 * MINUTE_MS;
const due = (refreshedAt: number | null) => ({ districtId: 'd-1', types: ['users' as const], refreshedAt });
const isWanted = (refreshedAt: number | null, times = DEFAULT_TIMES): boolean =>
  isRefreshWanted(due(refreshedAt), NOW, times);

describe('a district with types due to be sent again', () => {
  it('gets a run at once the first time, then only after a pause', () => {
    expect(isWanted(null)).toBe(true);
    expect(isWanted(NOW - 15 * MINUTE_MS + 1)).toBe(false);
    expect(isWanted(NOW - 15 * MINUTE_MS)).toBe(true);
  });

  it('is not kept waiting by a time that lies ahead', () => {
    expect(isWanted(NOW + 1)).toBe(true);
  });

  it('waits for a run that comes anyway where nothing is scheduled', () => {
    expect(isWanted(null, { ...DEFAULT_TIMES, refreshMs: null })).toBe(false);
  });
});
