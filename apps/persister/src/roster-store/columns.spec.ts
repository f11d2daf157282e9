import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { columnsOf, tableOf, toSnakeCase } from './columns.js';

describe('columns of the roster tables', () => {
  it('are named in snake_case', () => {
    expect(toSnakeCase('nativeHawaiianOrOtherPacificIslander')).toBe(
      'native_hawaiian_or_other_pacific_islander',
    );
    expect(ENTITY_TYPES.map(tableOf)).toContain('roster.academic_sessions');
  });

  it('never share a name with what is kept about a row', () => {
    const kept = ['district_id', 'gg4l_id', 'generation', 'epoch', 'partition', 'log_offset', 'fingerprint'];
    for (const type of ENTITY_TYPES) {
      const names = columnsOf(type).map(({ name }) => name);
      expect(names.filter((name) => kept.includes(name) || name.startsWith('_'))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
