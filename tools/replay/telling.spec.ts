import { describe, expect, it } from '@jest/globals';
import type { Replayed } from './replay.js';
import { exitCodeOf, toJson, toText } from './telling.js';

const EQUAL: Replayed = {
  entityType: 'users',
  partition: 0,
  messages: 5,
  written: 2,
  passed: 1,
  drifted: [],
  uncompared: [],
  unusable: 0,
};

describe('what a replay tells', () => {
  it.each([
    ['equal', [EQUAL], 0, '5 messages read, 2 rows written: equal to the last watermarks\n'],
    [
      'unequal, whatever else was not compared',
      [{ ...EQUAL, drifted: ['a', 'b'], uncompared: ['c'] }],
      2,
      'users, partition 0: unequal for a, b\nusers, partition 0: not compared for c\n' +
        '5 messages read, 2 rows written: see npm run verify -- --deep\n',
    ],
    [
      'not wholly compared',
      [EQUAL, { ...EQUAL, partition: 1, uncompared: ['c'] }],
      3,
      'users, partition 1: not compared for c\n' +
        '10 messages read, 4 rows written: equal to the last watermarks where they could be compared\n',
    ],
    [
      'of messages that make no row',
      [{ ...EQUAL, unusable: 3 }],
      0,
      'users, partition 0: 3 messages make no row\n5 messages read, 2 rows written: equal to the last watermarks\n',
    ],
  ])('is %s, by its exit code too', (_name, replayed, code, text) => {
    expect([exitCodeOf(replayed), toText(replayed)]).toEqual([code, text]);
  });

  it('is all of it in JSON', () => {
    const uncompared = { ...EQUAL, uncompared: ['c'], unusable: 1 };
    expect(JSON.parse(toJson([EQUAL, uncompared]))).toEqual({
      messages: 10,
      written: 4,
      unusable: 1,
      drifted: [],
      uncompared: [uncompared],
    });
  });
});
