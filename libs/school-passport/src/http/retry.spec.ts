import { describe, expect, it } from '@jest/globals';
import { SchoolPassportError, type SchoolPassportErrorCode } from '../school-passport.errors.js';
import { isRetryable, readRetryAfter, waitBeforeRetry } from './retry.js';

const settings = { maxAttempts: 4, baseMs: 100, capMs: 300, maxRetryAfterMs: 10_000 };
const failed = (status: number, retryAfterMs?: number): SchoolPassportError =>
  new SchoolPassportError('status', 'no', { method: 'GET', path: '/users', status }, retryAfterMs);

describe('retry', () => {
  it.each([
    [408, true],
    [425, true],
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [403, false],
    [404, false],
    [302, false],
  ])('a status of %d is worth another try: %s', (status, expected) => {
    expect(isRetryable(failed(status))).toBe(expected);
  });

  it.each<[SchoolPassportErrorCode, boolean]>([
    ['network', true],
    ['timeout', true],
    ['not-json', false],
    ['unauthorized', false],
    ['too-large', false],
  ])('an error of code %s is worth another try: %s', (code, expected) => {
    expect(isRetryable(new SchoolPassportError(code, 'no'))).toBe(expected);
  });

  it('waits between nothing and a ceiling that doubles up to its cap', () => {
    const ceilings = [1, 2, 3].map((attempt) => waitBeforeRetry(failed(500), attempt, settings, () => 1));
    expect(ceilings).toEqual([100, 200, 300]);
    expect(waitBeforeRetry(failed(500), 3, settings, () => 0)).toBe(0);
  });

  it('ends after the last attempt', () => {
    expect(waitBeforeRetry(failed(500), 4, settings, () => 1)).toBeUndefined();
  });

  it('waits at least as long as the source asks, and gives up when it asks too long', () => {
    expect(waitBeforeRetry(failed(429, 5000), 1, settings, () => 0)).toBe(5000);
    expect(waitBeforeRetry(failed(429, 11_000), 1, settings, () => 0)).toBeUndefined();
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(readRetryAfter('7', now)).toBe(7000);
    expect(readRetryAfter('Thu, 01 Jan 2026 00:00:03 GMT', now)).toBe(3000);
    expect(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
    expect(readRetryAfter('soon', now)).toBeUndefined();
    expect(readRetryAfter(undefined, now)).toBeUndefined();
  });
});
