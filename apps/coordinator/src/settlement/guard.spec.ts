import { describe, expect, it } from '@jest/globals';
import type { EntityType, PerType } from '#contracts';
import { holdOf, judgePlan } from './guard.js';
import type { DistrictSettings } from './limits.js';
import type { TypeTotals } from './plan.js';
import type { ProofPoint, Reading } from './runs.js';

const NOW = Date.UTC(2026, 7, 1);
const NOTHING: TypeTotals = {
  ...{ active: 0, seen: 0, unchanged: 0, created: 0, updated: 0, restored: 0, stale: 0, withdrawn: 0 },
  ...{ refreshed: 0, quarantined: 0, staleBySchool: {} },
};
const READ: Reading = { proof: [], unreadable: {}, notGranted: [] };

function judge(
  totals: Partial<TypeTotals>,
  reading: Partial<Reading> = {},
  settings: DistrictSettings = {},
  type: EntityType = 'users',
) {
  const types: PerType<TypeTotals> = { [type]: { ...NOTHING, ...totals } };
  const findings = judgePlan({ types }, { ...READ, ...reading }, settings, NOW);
  return { rules: findings.map(({ rule }) => rule), hold: holdOf(findings), findings };
}

const failed = (point: number): ProofPoint => ({ point, state: 'failed', finding: 'why' });

describe('the guard', () => {
  it.each([
    ['lets an unchanged day through', { active: 500, seen: 500, unchanged: 500 }, [], null],
    ['lets a refresh of everything through', { active: 500, seen: 500, refreshed: 500 }, [], null],
    ['lets a first load through', { seen: 500, created: 500 }, [], null],
    [
      'holds the sweep when a collection with active records came back empty',
      { active: 5 },
      ['empty-collection'],
      'sweep',
    ],
    ['says nothing of an empty collection that never had records', {}, [], null],
    [
      'does not call a collection empty whose records are all withdrawn',
      { active: 5, withdrawn: 5, stale: 5 },
      [],
      null,
    ],
    ['lets 20 stale of 30 through, at the floor', { active: 30, seen: 10, stale: 20 }, [], null],
    [
      'holds the sweep at 21 stale of 30, above the floor',
      { active: 30, seen: 9, stale: 21 },
      ['stale-ratio'],
      'sweep',
    ],
    ['lets 100 stale of 1000 through, at the ratio', { active: 1000, seen: 900, stale: 100 }, [], null],
    [
      'holds the sweep at 101 stale of 1000, above the ratio',
      { active: 1000, seen: 899, stale: 101 },
      ['stale-ratio'],
      'sweep',
    ],
    ['lets 100 updated of 101 through, at the floor', { active: 101, seen: 101, updated: 100 }, [], null],
    ['lets 750 updated of 1000 through, at the ratio', { active: 1000, seen: 1000, updated: 750 }, [], null],
    [
      'holds everything at 751 updated of 1000',
      { active: 1000, seen: 1000, updated: 751 },
      ['updated-ratio'],
      'everything',
    ],
    ['lets 20 quarantined of 30 through, at the floor', { seen: 30, quarantined: 20 }, [], null],
    ['lets 50 quarantined of 1000 through, at the ratio', { seen: 1000, quarantined: 50 }, [], null],
    [
      'holds everything at 51 quarantined of 1000',
      { seen: 1000, quarantined: 51 },
      ['quarantined-ratio'],
      'everything',
    ],
  ] as const)('%s', (_, totals, rules, hold) => {
    expect(judge(totals)).toMatchObject({ rules, hold });
  });

  it.each([
    { limits: { staleRatio: 10 } },
    { typeLimits: { users: { staleRatio: 1.5 } } },
    { rollover: { until: '2999-01-01T00:00:00Z', limits: { staleRatio: 10 } } },
  ])('is not put to sleep by a ratio above 1, as percent would be: %j', (settings) => {
    const plan = { active: 5000, seen: 1, stale: 4999 };
    expect(judge(plan, {}, settings)).toMatchObject({ rules: ['stale-ratio'], hold: 'sweep' });
  });

  it('holds the sweep when a collection with active records is not granted any more', () => {
    expect(judge({ active: 5, stale: 5 }, { notGranted: ['users'] })).toMatchObject({
      rules: ['empty-collection'],
      hold: 'sweep',
    });
    expect(judge({ active: 0 }, { notGranted: ['users'] }).hold).toBeNull();
  });

  it("holds the sweep when a type with active records is not on the district's allow-list any more", () => {
    const { hold, findings } = judge({ active: 5, stale: 5 }, { notAllowed: ['users'] });
    expect(hold).toBe('sweep');
    expect(findings[0]?.sentence).toBe("users is not on the district's allow-list; 5 are active.");
    expect(judge({ active: 0 }, { notAllowed: ['users'] }).hold).toBeNull();
  });

  it('holds the sweep for a single record without a usable id', () => {
    expect(judge({ seen: 9 }, { unreadable: { users: 1 } })).toMatchObject({
      rules: ['unreadable'],
      hold: 'sweep',
    });
    expect(judge({ seen: 9 }, { unreadable: { users: 0 } }).hold).toBeNull();
  });

  it.each([4, 5, 6])('holds the sweep when point %d of the proof failed', (point) => {
    expect(judge({ seen: 9 }, { proof: [failed(point)] })).toMatchObject({ rules: ['proof'], hold: 'sweep' });
  });

  it('takes a point that is not available for no failure', () => {
    expect(
      judge({}, { proof: [{ point: 6, state: 'not available', finding: 'not asked' }] }).hold,
    ).toBeNull();
  });

  it('holds everything when one finding would hold everything and another the sweep', () => {
    const totals = { active: 1000, seen: 800, updated: 800, stale: 200 };
    expect(judge(totals)).toMatchObject({ rules: ['stale-ratio', 'updated-ratio'], hold: 'everything' });
  });

  it('tells a finding with its numbers in a sentence', () => {
    expect(judge({ active: 100, seen: 50, stale: 50 }).findings).toEqual([
      {
        ...{ rule: 'stale-ratio', entityType: 'users', effect: 'sweep', numbers: { stale: 50, active: 100 } },
        sentence: '50 of 100 active users would be archived (50.0 %).',
      },
    ]);
  });
});

describe('a plan that updates everybody', () => {
  const everybody = { active: 1000, seen: 1000, updated: 1000 };
  const share = (masked: number) => ({ users: { records: 1000, masked } });
  const sentence = (reading: Partial<Reading>, type: EntityType = 'users') =>
    judge(everybody, reading, {}, type).findings[0]?.sentence ?? '';

  it('looks like a privacy mask switched on when many more users than before came masked', () => {
    const reading = { masked: share(930), maskedBefore: share(10) };
    expect(sentence(reading)).toBe(
      '1000 of 1000 active users would be updated (100.0 %). This looks like a privacy mask switched on: ' +
        '930 of 1000 users came masked, 10 of 1000 before.',
    );
    expect(sentence(reading, 'demographics')).toContain('a privacy mask switched on');
  });

  it('looks like one for demographics alone when many more days of birth than before came masked', () => {
    const born = (masked: number) => ({ ...share(10), demographics: { records: 500, masked } });
    const reading = { masked: born(490), maskedBefore: born(3) };
    expect(sentence(reading, 'demographics')).toContain(
      '490 of 500 demographics came masked, 3 of 500 before.',
    );
    expect(sentence(reading, 'users')).not.toContain('mask');
  });

  it.each<[string, Partial<Reading>]>([
    ['as many were masked before', { masked: share(930), maskedBefore: share(900) }],
    ['hardly any is masked', { masked: share(30), maskedBefore: share(0) }],
    ['nobody knows what was masked before', { masked: share(930), maskedBefore: null }],
    ['the reading is an older one', {}],
  ])('does not look like one where %s', (_name, reading) => {
    expect(sentence(reading)).not.toContain('mask');
  });

  it('does not look like one for records that are of no people', () => {
    const reading = { masked: share(930), maskedBefore: share(10) };
    expect(sentence(reading, 'classes')).not.toContain('mask');
  });

  it('is held for its updates alone, masked or not', () => {
    const reading = { masked: share(1000), maskedBefore: share(0) };
    expect(judge({ active: 1000, seen: 1000, updated: 700 }, reading).hold).toBeNull();
    expect(judge(everybody, {}).hold).toBe('everything');
  });
});

describe('limits of a district', () => {
  const half = { active: 100, seen: 50, stale: 50 };

  it('override the defaults, and a limit of the type overrides that of the district', () => {
    expect(judge(half, {}, { limits: { staleRatio: 0.6 } }).hold).toBeNull();
    expect(
      judge(half, {}, { limits: { staleRatio: 0.6 }, typeLimits: { users: { staleRatio: 0.4 } } }).hold,
    ).toBe('sweep');
    expect(judge(half, {}, { typeLimits: { orgs: { staleRatio: 0.6 } } }).hold).toBe('sweep');
  });

  it('are raised while the rollover window lasts, and are as before when it is over', () => {
    const until = (at: number) => ({
      rollover: { until: new Date(at).toISOString(), limits: { staleRatio: 0.9 } },
    });
    expect(judge(half, {}, until(NOW + 1)).hold).toBeNull();
    expect(judge(half, {}, until(NOW)).hold).toBe('sweep');
  });

  it('are never lowered by a rollover window', () => {
    const rollover = { until: new Date(NOW + 1).toISOString(), limits: { staleRatio: 0.01 } };
    expect(judge({ active: 1000, seen: 950, stale: 50 }, {}, { rollover }).hold).toBeNull();
  });

  it.each<[string, object]>([
    ['the limits', { limits: null, typeLimits: null }],
    ['the limits of a type', { typeLimits: { users: null } }],
    ['a limit', { limits: { staleRatio: null, staleFloor: null, unreadableFrom: null } }],
    ['the rollover window', { rollover: null }],
    ['its end', { rollover: { until: null, limits: { staleRatio: 0.9 } } }],
    ['its limits', { rollover: { until: new Date(NOW + 1).toISOString(), limits: null } }],
    [
      'one of its limits',
      { rollover: { until: new Date(NOW + 1).toISOString(), limits: { staleRatio: null } } },
    ],
  ])('count as left out where %s is null', (_, settings) => {
    expect(judge(half, {}, settings)).toMatchObject({ rules: ['stale-ratio'], hold: 'sweep' });
    expect(judge({ active: 30, seen: 10, stale: 20 }, {}, settings).hold).toBeNull();
  });
});
