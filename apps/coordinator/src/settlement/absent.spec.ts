import { describe, expect, it } from '@jest/globals';
import type { TypePlan } from '#contracts';
import { absentOf, confirmationOf } from './absent.js';

const named = (partition: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `p${partition}-${n}`);
const plan = (changes: Partial<TypePlan>): TypePlan => ({
  ...{ active: 0, seen: 0, unchanged: 0, created: 0, updated: 0, restored: 0, refreshed: 0 },
  ...{ stale: 0, withdrawn: 0, quarantined: 0, staleBySchool: {}, staleIds: [] },
  xor: { created: '', updated: '', restored: '', stale: '' },
  ...changes,
});
const absent = (count: number, ids: readonly string[]) => plan({ absent: { count, ids: [...ids] } });

describe('whom a plan would archive without the source having said so', () => {
  it('is counted over all partitions, and up to 50 of a type are taken from all of them alike', () => {
    const found = absentOf([
      { partition: 0, types: { users: absent(700, named(0, 50)), orgs: absent(0, []) } },
      { partition: 1, types: { users: absent(3, named(1, 3)), classes: absent(1, ['c-1']) } },
    ]);
    expect(Object.keys(found)).toEqual(['classes', 'users']);
    expect(found.users?.count).toBe(703);
    expect(found.users?.ids).toHaveLength(50);
    expect(found.users?.ids.slice(0, 5)).toEqual(['p0-0', 'p1-0', 'p0-1', 'p1-1', 'p0-2']);
    expect(found.users?.ids).toContain('p1-2');
  });

  it('is whoever is stale where a partition does not tell absent from withdrawn ones', () => {
    const types = { users: plan({ stale: 9, staleIds: ['u-1', 'u-2'] }) };
    expect(absentOf([{ partition: 0, types }])).toEqual({ users: { count: 9, ids: ['u-1', 'u-2'] } });
  });

  it('is nobody where all who leave were withdrawn, and then there is nobody to ask for', () => {
    const types = { users: plan({ stale: 2, staleIds: ['u-1', 'u-2'], absent: { count: 0, ids: [] } }) };
    const found = absentOf([{ partition: 0, types }]);
    expect(found).toEqual({});
    expect(confirmationOf(found)).toMatchObject({ point: 6, state: 'proven' });
    expect(confirmationOf({ users: { count: 1, ids: ['u-1'] } })).toBeNull();
  });
});
