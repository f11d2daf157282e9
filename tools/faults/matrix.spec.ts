import { describe, expect, it } from '@jest/globals';
import type { Played } from '../../test/pipeline/faults/fault-case.js';
import { formatLine, formatMarkdown, formatMatrix, formatTotals } from './matrix.js';

const KILLED: Played = {
  name: 'the fetcher killed at after-begin',
  failure: null,
  seconds: 14.84,
  recoveryMs: 12_060,
  run: 'was followed',
  restarts: 0,
};
const FAILED: Played = {
  name: 'Redis is full',
  failure: 'nobody said so',
  seconds: 3,
  recoveryMs: null,
  run: null,
  restarts: 2,
};

describe('the printed fault matrix', () => {
  it('tells each case as it was played', () => {
    expect(formatLine(KILLED)).toBe(
      'passed: the fetcher killed at after-begin (14.8 s, at work again after 12.1 s)',
    );
    expect(formatLine(FAILED)).toBe('FAILED: Redis is full (3.0 s)');
  });

  it('has a row for each case', () => {
    expect(formatMatrix([KILLED, FAILED]).split('\n')).toEqual([
      '                                     result  run           recovery  restarts  seconds',
      '  the fetcher killed at after-begin  passed  was followed  12.1 s    0         14.8',
      '  Redis is full                      FAILED  -             -         2         3.0',
    ]);
  });

  it('has the same rows in markdown', () => {
    expect(formatMarkdown([KILLED, FAILED]).split('\n')).toEqual([
      '| case | result | run | recovery | took |',
      '| --- | --- | --- | --- | --- |',
      '| the fetcher killed at after-begin | passed | was followed | 12.1 s | 14.8 s |',
      '| Redis is full | **failed** | - | - | 3.0 s |',
    ]);
  });

  it('sums up what failed and how long recoveries took', () => {
    expect(formatTotals([KILLED, FAILED])).toBe(
      '1 passed, 1 failed in 0.3 min; at work again after 12.1 s in the middle, 12.1 s at worst',
    );
    expect(formatTotals([FAILED])).toBe('0 passed, 1 failed in 0.1 min');
  });
});
