import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, schoolHash, type TypePlan } from '#contracts';
import { buildPlan, planDigest, planFault } from './plan.js';

const run = { districtId: 'd-1', generation: 7 };
const plan = (changes: Partial<TypePlan> = {}): TypePlan => ({
  ...{ active: 1, seen: 2, unchanged: 3, created: 4, updated: 5, restored: 6, stale: 7, withdrawn: 8 },
  ...{ refreshed: 10, quarantined: 9, staleBySchool: {}, staleIds: [] },
  xor: { created: 'c'.repeat(16), updated: 'd'.repeat(16), restored: 'e'.repeat(16), stale: 'f'.repeat(16) },
  ...changes,
});

const NONE = {
  ...{ active: 0, seen: 0, unchanged: 0, created: 0, updated: 0, restored: 0, stale: 0, withdrawn: 0 },
  ...{ refreshed: 0, quarantined: 0 },
};

describe('the digest of a plan', () => {
  it('is the SHA-256 of its canonical JSON, sorted by type and partition', () => {
    const counts = `{"active":1,"created":4,"quarantined":9,"refreshed":10,"restored":6,"seen":2,"stale":7,"unchanged":3,"updated":5,"withdrawn":8}`;
    const xors = `{"created":"${'c'.repeat(16)}","restored":"${'e'.repeat(16)}","stale":"${'f'.repeat(16)}","updated":"${'d'.repeat(16)}"}`;
    const rows = [`["classes",2`, `["classes",10`, `["users",2`].map((head) => `${head},${counts},${xors}]`);
    const answers = [
      { partition: 10, types: { classes: plan() } },
      { partition: 2, types: { users: plan(), classes: plan() } },
    ];
    expect(planDigest(run, answers)).toBe(
      createHash('sha256')
        .update(`["d-1",7,${rows.join(',')}]`)
        .digest('hex'),
    );
  });

  it('does not depend on the order in which partitions answered', () => {
    const answers = [0, 1, 2].map((partition) => ({
      partition,
      types: { users: plan({ created: partition }) },
    }));
    expect(planDigest(run, answers.toReversed())).toBe(planDigest(run, answers));
  });

  it.each([
    ['another generation', { ...run, generation: 8 }, plan()],
    ['another district', { ...run, districtId: 'd-2' }, plan()],
    ['another count', run, plan({ stale: 8 })],
    ['other ids behind the same count', run, plan({ xor: { ...plan().xor, stale: '0'.repeat(16) } })],
  ])('differs for %s', (_, other, types) => {
    const digest = planDigest(run, [{ partition: 0, types: { users: plan() } }]);
    expect(planDigest(other, [{ partition: 0, types: { users: types } }])).not.toBe(digest);
  });
});

describe('a plan', () => {
  it('sums what all partitions would do, and what each school would lose', () => {
    const { types } = buildPlan(run, [
      { partition: 0, types: { users: plan({ staleBySchool: { aa: 2, bb: 1 } }) } },
      { partition: 1, types: { users: plan({ staleBySchool: { aa: 3 } }) } },
    ]);
    expect(types.users).toMatchObject({ stale: 14, created: 8, staleBySchool: { aa: 5, bb: 1 } });
    expect(types.orgs).toMatchObject({ active: 0, staleBySchool: {} });
  });

  it('names the stale orgs of all partitions by their hashes', () => {
    const { staleOrgs } = buildPlan(run, [
      { partition: 0, types: { orgs: plan({ staleIds: ['s-1'] }), users: plan({ staleIds: ['u-1'] }) } },
      { partition: 1, types: { orgs: plan({ staleIds: ['s-2'] }) } },
    ]);
    expect(staleOrgs).toEqual(
      [schoolHash('s-1'), schoolHash('s-2')].map((hash) => hash.toString('hex')).sort(),
    );
  });

  it('has nothing to apply when it would only archive', () => {
    const idle = plan({ created: 0, updated: 0, restored: 0, refreshed: 0 });
    expect(buildPlan(run, [{ partition: 0, types: { users: idle } }]).nothingToApply).toBe(true);
    const busy = plan({ ...idle, refreshed: 1 });
    expect(buildPlan(run, [{ partition: 0, types: { users: busy } }]).nothingToApply).toBe(false);
  });

  it.each([
    ['none', { seen: 4, unchanged: 3, created: 1, stale: 1, active: 4 }, []],
    ['one that was active', { seen: 3, unchanged: 2, quarantined: 1, stale: 1, active: 4 }, ['users']],
    ['one that was never active', { seen: 4, unchanged: 3, quarantined: 1, stale: 1, active: 4 }, []],
    ['one among restored ones', { seen: 2, restored: 1, quarantined: 1, active: 1 }, ['users']],
    ['one among refreshed ones', { seen: 3, refreshed: 2, quarantined: 1, active: 3 }, ['users']],
  ])('knows the types of which an active record came quarantined: %s', (_, counts, expected) => {
    expect(buildPlan(run, [{ partition: 0, types: { users: plan({ ...NONE, ...counts }) } }])).toMatchObject({
      quarantinedActive: expected,
    });
  });
});

describe('plans that cannot be added up', () => {
  const types = (changes: Partial<TypePlan> = {}) =>
    Object.fromEntries(ENTITY_TYPES.map((type) => [type, plan(type === 'users' ? changes : {})]));
  const both = (changes: Partial<TypePlan>) => [
    { partition: 0, types: types() },
    { partition: 1, types: types(changes) },
  ];

  it('are told from those that can', () => {
    expect(planFault(both({}), 2)).toBeNull();
  });

  it.each([
    ['a partition too few', both({}).slice(1), '1 plans of 1 partitions, where 2 are needed'],
    ['one partition twice', [...both({}).slice(1), ...both({}).slice(1)], '2 plans of 1 partitions'],
    ['one partition beside all', [...both({}), ...both({}).slice(1)], '3 plans of 2 partitions'],
    ['a type that is missing', [{ partition: 0, types: {} }, ...both({}).slice(1)], 'for orgs is missing'],
    ['a count below 0', both({ seen: -1 }), 'partition 1 for users has a count that is none'],
    ['a count that is no number', both({ stale: Number.NaN }), 'a count that is none'],
    ['a school’s count that is none', both({ staleBySchool: { aa: 0.5 } }), 'a count that is none'],
    ['an xor that is none', both({ xor: { ...plan().xor, stale: '?' } }), 'an xor that is none'],
  ])('for %s', (_, answers, fault) => {
    expect(planFault(answers, 2)).toContain(fault);
  });
});
