import { expect, it } from '@jest/globals';
import { isDeeperThan } from './json-depth.js';

it.each<[string, number, boolean]>([
  ['[[[]]]', 3, false],
  ['[[[]]]', 2, true],
  ['{"a":{"b":[1]}}', 3, false],
  ['{"a":{"b":[1]}}', 2, true],
  ['[[],[],[],{},{}]', 2, false],
  ['["[[[[", "{{{{"]', 1, false],
  [String.raw`["\"[[[[", "\\", [[]]]`, 3, false],
  [String.raw`["\\\"[[[["]`, 1, false],
  [String.raw`["\\", [[]]]`, 2, true],
  ['["not closed [[[[', 1, false],
])('%s nests deeper than %d: %s', (text, most, expected) => {
  expect(isDeeperThan(Buffer.from(text), most)).toBe(expected);
});
