import { describe, expect, it } from '@jest/globals';
import { ageMs, latenessOf } from './age.js';

const at = (text: string): number => Date.parse(text);
const HOUR_MS = 3_600_000;
const ALLOWED_MS = 26 * HOUR_MS;
const NOW = at('2026-03-10T12:00:00Z');
const district = {
  activeSince: at('2026-01-01T00:00:00Z'),
  completedAt: at('2026-03-09T10:00:00Z'),
  settings: {},
};
const isLate = (changes: Partial<typeof district> & { settings?: object }, now = NOW): boolean =>
  latenessOf({ ...district, ...changes }, ALLOWED_MS, now) !== null;

describe('a district is late', () => {
  it('from the moment that no run was completed for longer than allowed', () => {
    expect([isLate({}), isLate({}, NOW + 1)]).toEqual([false, true]);
    expect(latenessOf(district, ALLOWED_MS, NOW + 1)).toContain('2026-03-09T10:00:00.000Z');
  });

  it('by a limit of its own', () => {
    expect(isLate({ settings: { lateAfterHours: 25 } })).toBe(true);
    expect(isLate({ settings: { lateAfterHours: 27 } }, NOW + 1)).toBe(false);
  });

  it('by the usual limit where its own is null', () => {
    const settings = { lateAfterHours: null, blackouts: null };
    expect([isLate({ settings }), isLate({ settings }, NOW + 1)]).toEqual([false, true]);
  });

  it('when no run was ever completed, counted from when it appeared or came back', () => {
    const never = { ...district, completedAt: null };
    expect(latenessOf(never, ALLOWED_MS, NOW)).toContain('no run was ever completed');
    const back = { ...district, completedAt: at('2026-02-01T00:00:00Z'), activeSince: NOW - HOUR_MS };
    expect(latenessOf(back, ALLOWED_MS, NOW)).toBeNull();
    expect(ageMs(back, NOW)).toBe(HOUR_MS);
  });

  it('not for the time it was blacked out', () => {
    const settings = { blackouts: [{ from: '2026-03-10T00:00:00Z', until: '2026-03-10T10:00:00Z' }] };
    expect(isLate({ settings }, NOW + 10 * HOUR_MS)).toBe(false);
    expect(isLate({ settings }, NOW + 10 * HOUR_MS + 1)).toBe(true);
  });
});

describe('an end of a run that is still to come, since a clock was ahead', () => {
  const ahead = { ...district, completedAt: NOW + 72 * HOUR_MS };

  it('counts for nothing: the age is that of what is known', () => {
    expect(ageMs(ahead, NOW)).toBe(NOW - district.activeSince);
    expect(ageMs({ ...ahead, activeSince: NOW - HOUR_MS }, NOW)).toBe(HOUR_MS);
    expect(ageMs({ ...ahead, completedAt: NOW }, NOW)).toBe(0);
  });

  it('does not keep a district from being late', () => {
    expect(latenessOf(ahead, ALLOWED_MS, NOW)).toContain('2026-03-13T12:00:00.000Z, which is still to come');
    const back = { ...ahead, activeSince: NOW - ALLOWED_MS };
    expect([isLate(back), isLate(back, NOW + 1)]).toEqual([false, true]);
  });

  it('leaves the end to count from where only the return of the district is still to come', () => {
    const back = { ...district, activeSince: NOW + HOUR_MS };
    expect(ageMs(back, NOW)).toBe(26 * HOUR_MS);
    expect([isLate(back), isLate(back, NOW + 1)]).toEqual([false, true]);
  });

  it('with nothing else to count from shows no age, and is late', () => {
    const unknown = { ...ahead, activeSince: NOW + HOUR_MS };
    expect(ageMs(unknown, NOW)).toBeNull();
    expect(isLate(unknown)).toBe(true);
    expect(latenessOf({ ...unknown, completedAt: null }, ALLOWED_MS, NOW)).toContain('still to come');
  });
});
