import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FenceLine } from './fence-line.js';

const line = (...fences: readonly [epoch: number, offset: number][]) =>
  FenceLine.of(fences.map(([epoch, offset]) => ({ epoch, offset: BigInt(offset) })));

describe('a line of fences', () => {
  it('fences a lower epoch behind the fence, and nothing else', () => {
    const fences = line([2, 10]);
    expect(fences.isFenced(11n, 1)).toBe(true);
    expect(fences.isFenced(10n, 1)).toBe(false);
    expect(fences.isFenced(9n, 1)).toBe(false);
    expect(fences.isFenced(11n, 2)).toBe(false);
  });

  it('is the same line where a fence adds nothing', () => {
    const fences = line([2, 10]);
    expect(fences.with({ epoch: 2, offset: 11n })).toBe(fences);
    expect(fences.with({ epoch: 1, offset: 12n })).toBe(fences);
    expect(fences.with({ epoch: 2, offset: 10n })).toBe(fences);
    expect(fences.with({ epoch: 2, offset: 9n })).not.toBe(fences);
  });

  it('answers, for any fences in any order, what looking at each of them answers', () => {
    const fence = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 20 }));
    const place = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 21 }));
    fc.assert(
      fc.property(fc.array(fence, { maxLength: 6 }), place, (fences, [epoch, offset]) => {
        const expected = fences.some(([of, at]) => of > epoch && at < offset);
        expect(line(...fences).isFenced(BigInt(offset), epoch)).toBe(expected);
      }),
    );
  });
});
