import { describe, expect, it } from '@jest/globals';
import type { RunView } from './admin-api.client.js';
import type { DistrictRun } from './runs.js';
import { formatSummary, outcomeOf } from './summary.js';

const RUN: RunView = {
  ...{ districtId: 'd-1', generation: 7, state: 'completed', why: null, cause: 'asked', attempt: 1 },
  ...{
    dryRun: false,
    digest: null,
    openedAt: '',
    stateAt: '',
    closedAt: null,
    retryAt: null,
    persisted: true,
  },
  ...{ quarantined: 0, warnings: 0, guard: [], types: {}, progress: {}, applied: {}, partitions: [] },
  proof: [
    { point: 1, state: 'proven', finding: 'The stamp stayed.' },
    { point: 3, state: 'not available', finding: 'Pages were not overlapped.' },
    { point: 6, state: 'failed', finding: 'One is still there.' },
  ],
};
const district = (run: RunView | null): DistrictRun => ({
  ...{ districtId: 'd-1', name: 'Maple', suspended: null, run },
});

describe('the summary of a run', () => {
  it('says how many points of the proof are proven, and what was found of each other one', () => {
    expect(formatSummary([district(RUN)]).split('\n')).toEqual([
      'Maple (d-1), run 7: completed',
      '  proof: 1 of 3 points proven',
      '    point 3 not available: Pages were not overlapped.',
      '    point 6 failed: One is still there.',
    ]);
    expect(outcomeOf(district(RUN)).proof).toEqual(RUN.proof);
  });

  it('has one line of a proof that is whole, and none where nothing was read', () => {
    const whole = RUN.proof.map((point) => ({ ...point, state: 'proven' as const }));
    expect(formatSummary([district({ ...RUN, proof: whole })])).toMatch(/proof: 3 of 3 points proven$/);
    expect(formatSummary([district({ ...RUN, proof: [] })])).not.toContain('proof');
  });
});
