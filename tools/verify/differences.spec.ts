import { describe, expect, it } from '@jest/globals';
import { differenceOf } from './differences.js';

const told = { generation: 5, active: true, fingerprint: 'aa', offset: 1n };
const held = { generation: 5, active: true, fingerprint: 'aa', computed: 'aa' };

describe('what differs', () => {
  it.each([
    ['nothing where both are equal', told, held, null],
    ['nothing where neither is there', null, null, null],
    ['nothing where contents cannot be told', told, { ...held, computed: null }, null],
    ['a record that is missing', told, null, 'missing'],
    ['one too many', null, held, 'too many'],
    ['the generation', told, { ...held, generation: 4 }, 'generation'],
    ['the status', told, { ...held, active: false }, 'status'],
    ['the fingerprint', told, { ...held, fingerprint: 'bb' }, 'fingerprint'],
    ['contents that another fingerprint was kept for', told, { ...held, computed: 'bb' }, 'contents'],
    ['the partition', told, { ...held, misplaced: true }, 'partition'],
    ['several at once', told, { ...held, generation: 6, computed: 'bb' }, 'generation, contents'],
  ])('is %s', (_name, one, other, expected) => {
    expect(differenceOf(one, other)).toBe(expected);
  });
});
