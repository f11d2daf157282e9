import { describe, expect, it } from '@jest/globals';
import { RUN } from '../../test/memory.ports.js';
import { requireSane } from './claimed-run.js';

const OF_TEACHERS: object = { teachers: [] };

describe('a claimed run', () => {
  it('that can be is read', () => {
    expect(requireSane({ ...RUN, refresh: ['users'] })).toMatchObject({ refresh: ['users'] });
  });

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
