import { describe, expect, it } from '@jest/globals';
import type { LedgerView } from './ports.js';
import type { OpenRun } from './runs.js';
import { requireSane, requireSaneLease } from './view-check.js';

const RUN: OpenRun = {
  ...{ districtId: 'd-1', generation: 7, state: 'read', attempt: 1, failures: 0, dryRun: false },
  ...{ retries: 'scheduled', suspended: null, settings: {}, epochs: { 0: 1 }, refresh: [], openedAt: 1 },
  ...{
    stateAt: 1,
    markerAt: null,
    leaseLost: false,
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
    ['a report heard at no time', { ...VIEW, partitions: [{ ...VIEW.partitions[0], heardAt: Number.NaN }] }],
    ['an ASK at no time', { ...VIEW, askings: [{ ...VIEW.askings[0], askedAt: Number.NaN, answers: [] }] }],
    [
      'an answer to ASK with no epoch',
      { ...VIEW, askings: [{ ...VIEW.askings[0], answers: [{ partition: 0 }] }] },
    ],
  ])('%s stops the coordinator', (_, view) => {
    expect(() => requireSane(view as LedgerView)).toThrow(expect.objectContaining({ name: 'NonsenseError' }));
  });

  it('about the lease stops the coordinator', () => {
    expect(() => requireSaneLease('perhaps' as 'kept')).toThrow(
      expect.objectContaining({ name: 'NonsenseError' }),
    );
  });
});
