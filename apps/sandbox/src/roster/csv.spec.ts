import { describe, expect, it } from '@jest/globals';
import { readCsvRecords } from './csv-bundle.js';
import { parseCsv } from './csv.js';

describe('CSV reading', () => {
  it.each([
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '\uFEFFa,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['"a ""x"", y","b\nc"\r\n', [['a "x", y', 'b\nc']]],
    [
      'a,,\n,b,\n\n',
      [
        ['a', '', ''],
        ['', 'b', ''],
      ],
    ],
    ['"",x', [['', 'x']]],
    ['', []],
  ])('reads %j', (text, rows) => {
    expect(parseCsv(text)).toEqual(rows);
  });

  it('names the file and row of what it cannot read', () => {
    expect(() => readCsvRecords('users', 'sourcedId\n"u1')).toThrow(
      'users.csv, row 2: a quoted field is not closed',
    );
    expect(() => readCsvRecords('users', 'sourcedId\nu1\nu1')).toThrow(
      'users.csv, row 3: a sourcedId met before',
    );
    expect(() => readCsvRecords('orgs', 'sourcedId,name\n,x')).toThrow('orgs.csv, row 2: no sourcedId');
    expect(() => readCsvRecords('orgs', 'name\nx')).toThrow('orgs.csv has no column sourcedId');
  });
});
