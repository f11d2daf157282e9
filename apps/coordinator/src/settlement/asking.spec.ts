import { describe, expect, it } from '@jest/globals';
import { decideAsking } from './asking.js';
import type { Surroundings } from './decide.js';
import type { Asking, PartitionState } from './runs.js';
import { DEFAULT_TIMES } from './times.js';

const ASKED = 1_000_000;
const SOON = ASKED + 500;

const asking = (answered: Readonly<Record<number, number>>, askedAgainAt = ASKED): Asking => ({
  nonce: 'nonce',
  districtIds: ['d'],
  askedAt: ASKED,
  askedAgainAt,
  answers: Object.entries(answered).map(([partition, epoch]) => ({ partition: Number(partition), epoch })),
});

const heard = (partition: number, epoch: number, rebuildingAt: number | null): PartitionState => ({
  partition,
  epoch,
  heardAt: rebuildingAt ?? ASKED,
  rebuildingAt,
});

const around = (partitions: readonly PartitionState[], now = SOON, activeSince = 0): Surroundings => ({
  partitions,
  partitionCount: 3,
  now,
  activeSince,
  fetcherSeenAt: 0,
  times: DEFAULT_TIMES,
});

describe('before a run is opened', () => {
  it('every partition must have answered, and the epochs answered are kept', () => {
    expect(decideAsking(asking({ 0: 1, 1: 4 }), around([]))).toEqual({ to: 'wait' });
    expect(decideAsking(asking({ 0: 1, 1: 4, 2: 1 }), around([]))).toEqual({
      to: 'open',
      epochs: { 0: 1, 1: 4, 2: 1 },
    });
  });

  it('an answer of an epoch that was given up does not count', () => {
    const known = [heard(1, 5, null)];
    expect(decideAsking(asking({ 0: 1, 1: 4, 2: 1 }), around(known))).toEqual({ to: 'wait' });
  });

  it('a partition that rebuilds is asked again, the others are not', () => {
    const known = [heard(0, 1, ASKED + 20), heard(1, 1, ASKED + 40)];
    expect(decideAsking(asking({}), around(known))).toEqual({
      to: 'ask-again',
      partitions: [0, 1],
      asOf: ASKED + 40,
    });
  });

  it('a rebuild heard of while others are asked again is asked at once too', () => {
    const first = decideAsking(asking({}), around([heard(0, 1, ASKED + 20)]));
    const asOf = first.to === 'ask-again' ? first.asOf : SOON;
    const known = [heard(0, 1, ASKED + 20), heard(1, 1, ASKED + 21)];
    expect(decideAsking(asking({}, asOf), around(known, SOON + 50))).toMatchObject({ partitions: [1] });
  });

  it('a rebuild that was asked again is not asked once more before the deadline', () => {
    const known = [heard(0, 1, ASKED + 20)];
    expect(decideAsking(asking({}, ASKED + 20), around(known))).toEqual({ to: 'wait' });
  });

  it('whoever is missing is asked again at the deadline, and given up after a longer silence', () => {
    const { resendMs, silenceMs } = DEFAULT_TIMES;
    const late = ASKED + resendMs;
    expect(decideAsking(asking({ 1: 1 }), around([], late))).toEqual({
      to: 'ask-again',
      partitions: [0, 2],
      asOf: late,
    });
    expect(decideAsking(asking({ 1: 1 }), around([], ASKED + silenceMs))).toMatchObject({ to: 'postpone' });
  });

  it('no silence counts from before the coordinator took over', () => {
    const now = ASKED + DEFAULT_TIMES.silenceMs;
    expect(decideAsking(asking({ 1: 1 }), around([], now, now - 1))).toMatchObject({ to: 'ask-again' });
  });
});
