import { describe, expect, it } from '@jest/globals';
import { blackedOutMs, blackoutAt, isHeldBack, spanOf, type Blackout } from './blackouts.js';

const at = (text: string): number => Date.parse(text);
const HOUR_MS = 3_600_000;

describe('a blackout', () => {
  it('of dates covers whole days, UTC, its last one too', () => {
    const days = { from: '2026-07-01', until: '2026-07-02' };
    expect(spanOf(days)).toEqual({ startAt: at('2026-07-01T00:00:00Z'), endAt: at('2026-07-03T00:00:00Z') });
    expect(blackoutAt([days], at('2026-07-02T23:59:59.999Z'))).toBe(days);
    expect(blackoutAt([days], at('2026-07-03T00:00:00Z'))).toBeNull();
  });

  it('of instants begins and ends at them, whatever their offset', () => {
    const hours = { from: '2026-07-01T08:00:00+02:00', until: '2026-07-01T07:00:00Z' };
    expect(blackoutAt([hours], at('2026-07-01T05:59:59Z'))).toBeNull();
    expect(blackoutAt([hours], at('2026-07-01T06:00:00Z'))).toBe(hours);
    expect(blackoutAt([hours], at('2026-07-01T07:00:00Z'))).toBeNull();
  });

  it('that lasts longest is the one told of several', () => {
    const [short, long] = [
      { from: '2026-07-01', until: '2026-07-01' },
      { from: '2026-06-01', until: '2026-07-05' },
    ];
    expect(blackoutAt([short, long], at('2026-07-01T12:00:00Z'))).toBe(long);
    expect(blackoutAt(undefined, at('2026-07-01T12:00:00Z'))).toBeNull();
  });

  it('that is null, or all of them, counts as left out', () => {
    const none = [null] as unknown as Blackout[];
    expect(blackoutAt(none, at('2026-07-01T12:00:00Z'))).toBeNull();
    expect(blackedOutMs(none, at('2026-07-01T03:00:00Z'), at('2026-07-02T00:00:00Z'))).toBe(0);
    expect(blackoutAt(null, at('2026-07-01T12:00:00Z'))).toBeNull();
    expect(blackedOutMs(null, at('2026-07-01T03:00:00Z'), at('2026-07-02T00:00:00Z'))).toBe(0);
  });

  it('takes its time from an age, and time in two of them once', () => {
    const blackouts = [
      { from: '2026-07-01T04:00:00Z', until: '2026-07-01T06:00:00Z' },
      { from: '2026-07-01T02:00:00Z', until: '2026-07-01T05:00:00Z' },
      { from: '2026-07-01T23:00:00Z', until: '2026-07-02T23:00:00Z' },
    ];
    expect(blackedOutMs(blackouts, at('2026-07-01T03:00:00Z'), at('2026-07-02T00:00:00Z'))).toBe(4 * HOUR_MS);
    expect(blackedOutMs(blackouts, at('2026-07-01T07:00:00Z'), at('2026-07-01T08:00:00Z'))).toBe(0);
  });
});

describe('in a blackout', () => {
  const settings = { blackouts: [{ from: '2026-07-01', until: '2026-07-01' }] };
  const IN = at('2026-07-01T12:00:00Z');

  it.each([
    ['scheduled', 'scheduled', true],
    ['newer', 'scheduled', true],
    ['refresh', 'scheduled', true],
    ['retry', 'scheduled', true],
    ['asked', 'scheduled', false],
    ['retry', 'at-once', false],
  ] as const)('a run wished for as %s, with %s retries, is held back: %s', (cause, retries, isHeld) => {
    expect(isHeldBack({ cause, retries, settings }, IN)).toBe(isHeld);
    expect(isHeldBack({ cause, retries, settings }, IN + 24 * HOUR_MS)).toBe(false);
  });
});
