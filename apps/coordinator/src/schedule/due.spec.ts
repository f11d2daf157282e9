import { describe, expect, it } from '@jest/globals';
import { dueCause, isNewer, suspensionOf } from './due.js';

const at = (text: string): number => Date.parse(text);
const NOW = at('2026-03-10T12:00:00Z');
const pulled = {
  readyStamp: '2026-03-10T04:00:00.000Z',
  pulledStamp: '2026-03-10T04:00:00.000Z',
  pulledAt: at('2026-03-10T04:05:00Z'),
  hour: null,
  blackouts: [],
};

describe('a district is due', () => {
  it.each([
    ['when it was never pulled', { ...pulled, pulledAt: null }, 'scheduled'],
    ['not again before its next daily hour', pulled, null],
    [
      'once its daily hour has passed since it was pulled',
      { ...pulled, pulledAt: at('2026-03-10T02:59:59Z') },
      'scheduled',
    ],
    ['at an hour of its own', { ...pulled, hour: 11 }, 'scheduled'],
    ['not before an hour of its own that is still to come', { ...pulled, hour: 13 }, null],
    [
      'when it was pulled at a time that is still to come, since a clock was ahead',
      { ...pulled, pulledAt: NOW + 1 },
      'scheduled',
    ],
    ['not again when it was pulled just now', { ...pulled, pulledAt: NOW }, null],
    [
      'when its data became ready after it was pulled',
      { ...pulled, readyStamp: '2026-03-10T05:00:00.000Z' },
      'newer',
    ],
    ['when its data is ready for the first time', { ...pulled, pulledStamp: null }, 'newer'],
    ['not for a stamp that went away', { ...pulled, readyStamp: null }, null],
    [
      'not in a blackout',
      { ...pulled, pulledAt: null, blackouts: [{ from: '2026-03-10', until: '2026-03-10' }] },
      null,
    ],
    [
      'once a blackout is over in which its hour passed and its data became ready',
      {
        ...{ ...pulled, pulledAt: at('2026-03-08T03:00:00Z'), readyStamp: '2026-03-09T05:00:00.000Z' },
        ...{
          pulledStamp: '2026-03-08T02:00:00.000Z',
          blackouts: [{ from: '2026-03-08', until: '2026-03-09' }],
        },
      },
      'newer',
    ],
    [
      'once, however many of its hours passed while nobody looked',
      { ...pulled, pulledAt: at('2026-03-01T03:00:00Z') },
      'scheduled',
    ],
    [
      'not again when its run was opened at its very hour',
      { ...pulled, pulledAt: at('2026-03-10T03:00:00Z') },
      null,
    ],
    [
      'at its hour, by UTC, on the day a clock is put forward',
      { ...pulled, pulledAt: at('2026-03-09T11:59:59Z'), hour: 12 },
      'scheduled',
    ],
    [
      'when its data became ready while the last run was open, since that run has the stamp of its opening',
      { ...pulled, readyStamp: '2026-03-10T04:30:00.000Z', pulledAt: at('2026-03-10T04:05:00Z') },
      'newer',
    ],
    ['not for an older stamp', { ...pulled, readyStamp: '2026-03-09T05:00:00.000Z' }, null],
  ] as const)('%s', (_, district, cause) => {
    expect(dueCause(district, NOW)).toBe(cause);
  });
});

describe('stamps', () => {
  it('are compared as instants, whatever their offset', () => {
    expect(isNewer('2026-03-10T05:00:00.000+02:00', '2026-03-10T04:00:00.000Z')).toBe(false);
    expect(isNewer('2026-03-10T05:00:00.000-02:00', '2026-03-10T04:00:00.000Z')).toBe(true);
  });

  it('that cannot be read as instants are newer when they differ', () => {
    expect(isNewer('B-17', 'B-16')).toBe(true);
    expect(isNewer('B-17', 'B-17')).toBe(false);
  });
});

describe('a sharing agreement', () => {
  it('that has ended suspends its district, one that lasts or is not told does not', () => {
    expect(suspensionOf('2026-03-10T12:00:00Z', NOW)).toContain('ended');
    expect(suspensionOf('2026-03-10T12:00:01Z', NOW)).toBeNull();
    expect(suspensionOf(null, NOW)).toBeNull();
    expect(suspensionOf('soon', NOW)).toBeNull();
  });

  it('that ends on a day lasts through it', () => {
    expect(suspensionOf('2026-03-10', NOW)).toBeNull();
    expect(suspensionOf('2026-03-09', NOW)).toContain('ended');
  });
});
