import { describe, expect, it } from '@jest/globals';
import type { LedgerView } from './ports.js';
import type { OpenRun } from './runs.js';
import { requireSane, requireSaneClock, requireSaneLease } from './view-check.js';

const RUN: OpenRun = {
  ...{ districtId: 'd-1', generation: 7, state: 'read', attempt: 1, failures: 0, dryRun: false },
  ...{ retries: 'scheduled', suspended: null, settings: {}, epochs: { 0: 1 }, refresh: [], openedAt: 1 },
  ...{
    stateAt: 1,
    markerAt: null,
    leaseLost: false,
    leaseHeld: false,
    confirmation: null,
    readFailure: null,
    reading: null,
    hold: null,
    plan: null,
  },
  ...{ why: null, answered: { planned: [0], applied: [], swept: [] }, failed: [] },
};
const VIEW: LedgerView = {
  ...{ runs: [RUN], unannounced: [], due: [], refreshes: [], events: [], awaitsPersister: false },
  ...{ refreshesDue: 0, drifts: 0, partitions: [{ partition: 0, epoch: 1, heardAt: 1, rebuildingAt: null }] },
  askings: [
    { nonce: 'n', districtIds: [], askedAt: 1, askedAgainAt: 1, answers: [{ partition: 0, epoch: 1 }] },
  ],
};
const REFRESH = { districtId: 'd-1', types: ['users'], refreshedAt: 1 };
const withRun = (changes: object): LedgerView => ({ ...VIEW, runs: [{ ...RUN, ...changes }] });

describe('nonsense from the ledger', () => {
  it('is not what a ledger says otherwise', () => {
    expect(() => requireSane(VIEW)).not.toThrow();
    expect(requireSaneLease('elsewhere')).toBe('elsewhere');
  });

  it.each([
    ['a run in no known state', withRun({ state: 'resting' })],
    ['a generation that is no number', withRun({ generation: Number.NaN })],
    ['a count of failures below 0', withRun({ failures: -1 })],
    ['a time that is none', withRun({ stateAt: Number.NaN })],
    ['a marker sent at no time', withRun({ markerAt: Number.POSITIVE_INFINITY })],
    ['an epoch that is no count', withRun({ epochs: { 0: 1.5 } })],
    ['two answers of one partition', withRun({ answered: { planned: [0, 0], applied: [], swept: [] } })],
    ['an answer of no partition', withRun({ answered: { planned: [], applied: [-1], swept: [] } })],
    ['an epoch heard that is no count', { ...VIEW, partitions: [{ ...VIEW.partitions[0], epoch: 0.5 }] }],
    [
      'a rebuild heard of at no time',
      { ...VIEW, partitions: [{ ...VIEW.partitions[0], rebuildingAt: Number.NaN }] },
    ],
    [
      'a closed run of no generation',
      { ...VIEW, unannounced: [{ districtId: 'd-1', generation: -7, reason: '' }] },
    ],
    ['an event of no number', { ...VIEW, events: [{ id: 0.5, generation: 7 }] }],
    ['an event of no generation', { ...VIEW, events: [{ id: 1, generation: Number.NaN }] }],
    ['a number of drifts that is none', { ...VIEW, drifts: Number.NaN }],
    ['a number of refreshes that is none', { ...VIEW, refreshesDue: -1 }],
    ['a refresh of no known type', { ...VIEW, refreshes: [{ ...REFRESH, types: ['pupils'] }] }],
    ['a refresh at no time', { ...VIEW, refreshes: [{ ...REFRESH, refreshedAt: Number.NaN }] }],
    ['a report heard at no time', { ...VIEW, partitions: [{ ...VIEW.partitions[0], heardAt: Number.NaN }] }],
    ['an ASK at no time', { ...VIEW, askings: [{ ...VIEW.askings[0], askedAt: Number.NaN, answers: [] }] }],
    [
      'an answer to ASK with no epoch',
      { ...VIEW, askings: [{ ...VIEW.askings[0], answers: [{ partition: 0 }] }] },
    ],
  ])('%s stops the coordinator', (_, view) => {
    expect(() => requireSane(view as LedgerView)).toThrow(expect.objectContaining({ name: 'NonsenseError' }));
  });

  it('about the time stops the coordinator', () => {
    expect(requireSaneClock(7)).toBe(7);
    expect(() => requireSaneClock(Number.NaN)).toThrow(expect.objectContaining({ name: 'NonsenseError' }));
  });

  it('about the lease stops the coordinator', () => {
    expect(() => requireSaneLease('perhaps' as 'kept')).toThrow(
      expect.objectContaining({ name: 'NonsenseError' }),
    );
  });
});
