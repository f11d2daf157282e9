import { describe, expect, it } from '@jest/globals';
import { toCsv } from './csv.js';

describe('a table as CSV', () => {
  it('quotes what holds a comma, a quote or a line, and leaves out what is null', () => {
    const row = { a: 'x,"y"\n', b: null, c: new Date(0), d: 7 };
    expect(toCsv(['a', 'b', 'c', 'd'], [row])).toBe('a,b,c,d\r\n"x,""y""\n",,1970-01-01T00:00:00.000Z,7\r\n');
  });

  it('holds nothing that a spreadsheet would run', () => {
    expect(toCsv(['a', 'b'], [{ a: '=cmd()', b: -1 }])).toBe("a,b\r\n'=cmd(),-1\r\n");
  });
});
