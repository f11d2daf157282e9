import { describe, expect, it } from '@jest/globals';
import { toArrayLiteral, toCell, toJsonCell, toListCell } from './array-literals.js';

describe('array literals', () => {
  it('tell an absent value from the text NULL, and keep quotes, backslashes, commas and braces', () => {
    expect(toArrayLiteral(['a', null, 'NULL', '', '"\\', '{,}'])).toBe(
      '{"a",NULL,"NULL","","\\"\\\\","{,}"}',
    );
    expect(toArrayLiteral([])).toBe('{}');
  });

  it('hold a list as the text of an array', () => {
    expect(toListCell(['a', 'b"'])).toBe('{"a","b\\""}');
    expect([toListCell(undefined), toCell(null), toJsonCell(null)]).toEqual([null, null, null]);
  });

  it('send what does not fit as its JSON, which no array accepts', () => {
    expect(toListCell([1, null])).toBe('[1,null]');
    expect(toListCell(5)).toBe('5');
    expect([toCell(true), toCell({}), toJsonCell('a')]).toEqual(['true', '{}', '"a"']);
  });
});
