import { describe, expect, it } from '@jest/globals';
import { allowedOf, allowsType } from '#oneroster';
import { RUN } from '../../test/memory.ports.js';
import { requireSane } from './claimed-run.js';

const OF_TEACHERS: object = { teachers: [] };

describe('a claimed run', () => {
  it('that can be is read', () => {
    expect(requireSane({ ...RUN, refresh: ['users'] })).toMatchObject({ refresh: ['users'] });
  });

  it.each([{ types: null }, { attributes: null }, { types: null, attributes: null }])(
    'with %j in its allow-list is read, null counting as left out',
    (nulls) => {
      const { allow } = requireSane({ ...RUN, allow: nulls as object });
      expect(allowsType(allow, 'users')).toBe(true);
      expect(allowedOf(allow, 'users')).toBeUndefined();
    },
  );

  it.each([
    ['no district', { districtId: 'a/b' }],
    ['a generation below 1', { generation: 0 }],
    ['a generation that is no number', { generation: Number.NaN }],
    ['no opening time', { openedAt: 'yesterday' }],
    ['an allow-list of unknown types', { allow: { types: ['teachers' as 'users'] } }],
    ['an allow-list of attributes of an unknown type', { allow: { attributes: OF_TEACHERS } }],
    ['an allow-list without names', { allow: { attributes: { users: true as unknown as string[] } } }],
    ['an unknown type to send again', { refresh: ['teachers' as 'users'] }],
  ])('with %s stops the fetcher', (_, change) => {
    expect(() => requireSane({ ...RUN, ...change })).toThrow(
      expect.objectContaining({ name: 'NonsenseError' }),
    );
  });
});
