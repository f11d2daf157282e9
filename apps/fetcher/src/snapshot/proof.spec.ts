import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ProofState } from '#ledger';
import type { Boundaries } from '#school-passport';
import type { CollectionFacts } from './collection-facts.js';
import { prove, type Evidence } from './proof.js';

const facts = (change: Partial<CollectionFacts> = {}): CollectionFacts => ({
  granted: true,
  rows: 100,
  distinct: 100,
  unreadable: 0,
  quarantined: 0,
  erased: 0,
  repeatedSame: 0,
  repeatedDifferent: 0,
  endConfirmed: true,
  totals: { least: 100, most: 100, isComplete: true },
  boundaries: { matched: 1, mismatched: 0, unchecked: 0 },
  checked: 100,
  outside: 0,
  known: null,
  secondLook: undefined,
  ...change,
});

function evidence(changes: Partial<Record<EntityType, Partial<CollectionFacts>>> = {}): Evidence {
  const collections = ENTITY_TYPES.map((type) => [type, facts(changes[type])] as const);
  return {
    stampBefore: 's1',
    stampAfter: 's1',
    collections: Object.fromEntries(collections) as Evidence['collections'],
    lastReferences: null,
  };
}

type Shares = { readonly checked: number; readonly outside: number };

const pointOf = (point: number, given: Evidence) => prove(given).find((found) => found.point === point);

describe('point 1: the time of readiness', () => {
  it.each<[string | null, string | null, ProofState]>([
    ['s1', 's1', 'proven'],
    ['s1', 's2', 'failed'],
    ['s1', null, 'failed'],
    [null, 's1', 'failed'],
    [null, null, 'not available'],
  ])('from %p to %p is %s', (stampBefore, stampAfter, state) => {
    expect(pointOf(1, { ...evidence(), stampBefore, stampAfter })?.state).toBe(state);
  });
});

describe('point 2: confirmed ends and totals', () => {
  it.each<[string, Partial<CollectionFacts>, ProofState]>([
    ['totals equal to the distinct ids', {}, 'proven'],
    ['no confirmed end', { endConfirmed: false }, 'failed'],
    ['a total above the distinct ids', { totals: { least: 101, most: 101, isComplete: true } }, 'failed'],
    [
      'a total that counts a row sent twice',
      { rows: 101, totals: { least: 101, most: 101, isComplete: true } },
      'failed',
    ],
    ['a total that moved', { totals: { least: 99, most: 100, isComplete: true } }, 'failed'],
    ['rows without an id in the total', { distinct: 98, unreadable: 2 }, 'proven'],
    ['no totals', { totals: null }, 'not available'],
    ['totals on some pages only', { totals: { least: 100, most: 100, isComplete: false } }, 'not available'],
    ['a collection that is not granted', { granted: false, endConfirmed: false, totals: null }, 'proven'],
  ])('with %s is as it should be', (_name, change, state) => {
    expect(pointOf(2, evidence({ classes: change }))?.state).toBe(state);
  });
});

describe('point 3: one row of overlap between pages', () => {
  it.each<[string, Partial<Boundaries>, ProofState]>([
    ['every page began at the last row of the one before', {}, 'proven'],
    ['one page began elsewhere', { mismatched: 1 }, 'failed'],
    [
      'one page began elsewhere and the source cannot overlap others',
      { mismatched: 1, unchecked: 9 },
      'failed',
    ],
    ['the source cannot overlap', { unchecked: 1 }, 'not available'],
  ])('where %s is as it should be', (_name, change, state) => {
    const boundaries = { matched: 4, mismatched: 0, unchecked: 0, ...change };
    expect(pointOf(3, evidence({ users: { boundaries } }))?.state).toBe(state);
  });

  it('is not available where no page followed another', () => {
    const none = { boundaries: { matched: 0, mismatched: 0, unchecked: 0 } };
    const changes = Object.fromEntries(ENTITY_TYPES.map((type) => [type, none]));
    expect(pointOf(3, evidence(changes))?.state).toBe('not available');
  });

  it('tells in which collection it failed', () => {
    const boundaries = { matched: 4, mismatched: 2, unchecked: 0 };
    expect(pointOf(3, evidence({ users: { boundaries } }))?.finding).toBe(
      'Pages that did not begin at the last row of the one before: 2 in users.',
    );
  });
});

describe('point 4: repeated ids', () => {
  it('is proven while repeats say the same', () => {
    expect(pointOf(4, evidence({ users: { repeatedSame: 3 } }))?.state).toBe('proven');
  });

  it('fails by a single repeat with different content', () => {
    expect(pointOf(4, evidence({ users: { repeatedDifferent: 1 } }))).toEqual({
      point: 4,
      state: 'failed',
      finding: 'Rows that repeat an id with different content: 1 in users.',
    });
  });
});

describe('point 4: a second look', () => {
  it('that found nothing new is told', () => {
    expect(pointOf(4, evidence({ users: { secondLook: { rows: 100, missing: 0 } } }))).toMatchObject({
      state: 'proven',
      finding: expect.stringContaining('A second look found nothing new: users.'),
    });
  });

  it.each<[string, number, number, ProofState]>([
    ['20 fewer: so many may have gone meanwhile', 1000, 980, 'proven'],
    ['21 fewer: it did not see all', 1000, 979, 'failed'],
    ['none of a few', 5, 0, 'failed'],
    ['more', 1000, 1001, 'proven'],
  ])('that gave %s', (_name, distinct, rows, state) => {
    const users = { rows: distinct, distinct, secondLook: { rows, missing: 0 } };
    expect(pointOf(4, evidence({ users }))?.state).toBe(state);
  });

  it('fails it by a single record that was not read at first, beside what was repeated', () => {
    const change = { secondLook: { rows: 100, missing: 1 }, repeatedDifferent: 2 };
    expect(pointOf(4, evidence({ users: change }))).toEqual({
      ...{ point: 4, state: 'failed' },
      finding:
        'Rows that repeat an id with different content: 2 in users. Records that only a second look found: 1 in users.',
    });
  });
});

describe('point 5: references close', () => {
  const last = { checked: 1000, outside: 10 };
  it.each<[string, { checked: number; outside: number }, ProofState]>([
    ['the same', last, 'proven'],
    ['less', { checked: 1000, outside: 0 }, 'proven'],
    ['20 more records than last time', { checked: 200, outside: 30 }, 'proven'],
    ['21 more, and a share more than 5 points higher', { checked: 200, outside: 31 }, 'failed'],
    ['many more, and a share not 5 points higher', { checked: 10_000, outside: 500 }, 'proven'],
    ['nothing left to check', { checked: 0, outside: 0 }, 'proven'],
  ])('compared with the last completed run, %s', (_name, now, state) => {
    expect(pointOf(5, { ...evidence({ enrollments: now }), lastReferences })?.state).toBe(state);
  });

  const lastReferences = {
    enrollments: last,
    classes: { checked: 100, outside: 0 },
    courses: { checked: 100, outside: 0 },
  };

  it.each<[string, Shares, Shares, ProofState]>([
    ['at 5 points', { checked: 1000, outside: 10 }, { checked: 1000, outside: 60 }, 'proven'],
    ['above 5 points', { checked: 1000, outside: 10 }, { checked: 1000, outside: 61 }, 'failed'],
    [
      'at 5 points, inexact as fractions',
      { checked: 100, outside: 50 },
      { checked: 1000, outside: 550 },
      'proven',
    ],
    ['at 20 records', { checked: 100, outside: 0 }, { checked: 100, outside: 20 }, 'proven'],
    ['above 20 records', { checked: 100, outside: 0 }, { checked: 100, outside: 21 }, 'failed'],
    ['of millions, at 5 points', { checked: 8e6, outside: 0 }, { checked: 8e6, outside: 4e5 }, 'proven'],
    [
      'of millions, above 5 points',
      { checked: 8e6, outside: 0 },
      { checked: 8e6, outside: 400_001 },
      'failed',
    ],
    ['from nothing to compare with', { checked: 0, outside: 0 }, { checked: 100, outside: 50 }, 'proven'],
  ])('%s: the share of each type that is looked into', (_name, before, after, state) => {
    for (const type of ['enrollments', 'classes', 'courses'] as const) {
      const given = { ...evidence({ [type]: after }), lastReferences: { ...lastReferences, [type]: before } };
      expect([type, pointOf(5, given)?.state]).toEqual([type, state]);
    }
  });

  it('says which types have risen, from what', () => {
    const classes = { checked: 100, outside: 30 };
    expect(pointOf(5, { ...evidence({ classes }), lastReferences })?.finding).toBe(
      'Pointing outside this snapshot: 0 of 100 courses, 30 of 100 classes, 0 of 100 enrollments; risen: classes from 0 of 100.',
    );
  });

  it('names the types that are not granted, into which nothing is looked', () => {
    const given = evidence({ demographics: { granted: false }, courses: { granted: false, checked: 0 } });
    const point = pointOf(5, { ...given, lastReferences });
    expect(point?.state).toBe('proven');
    expect(point?.finding).toMatch(/; not granted, so not looked into: courses, demographics; not risen\.$/);
  });

  it('is not available without a completed run to compare with', () => {
    expect(pointOf(5, evidence({ enrollments: { outside: 100 } }))?.state).toBe('not available');
  });
});

describe('a proof', () => {
  it('has its six points in order, each with a sentence', () => {
    const proof = prove(evidence());
    expect(proof.map(({ point }) => point)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { finding } of proof) expect(finding).toMatch(/^[A-Z0-9].*\.$/);
    expect(proof.filter(({ state }) => state === 'not available').map(({ point }) => point)).toEqual([5, 6]);
  });
});
