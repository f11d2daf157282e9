import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recordHash } from '#contracts';
import { IdSet } from './id-set.js';

describe('the id set', () => {
  it('tells a first meeting from a repeat with the same and with other content', () => {
    const ids = new IdSet();
    const hash = recordHash('d', 'users', 'a');
    expect(ids.meet(hash, 1)).toBe('first');
    expect(ids.meet(hash, 1)).toBe('same');
    expect(ids.meet(hash, 2)).toBe('different');
    expect(ids.meet(hash, 1)).toBe('same');
    expect(ids.size).toBe(1);
  });

  it('knows what it met, without meeting it', () => {
    const set = new IdSet();
    const [met, other] = [Buffer.alloc(8, 7), Buffer.alloc(8)];
    set.meet(met, 0);
    expect([set.has(met), set.has(other), set.size]).toEqual([true, false, 1]);
  });

  it('agrees with a map, for any sequence of ids and contents', () => {
    const step = fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 2 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const ids = new IdSet();
        const model = new Map<number, number>();
        for (const [id, word] of steps) {
          const known = model.get(id);
          const expected = known === undefined ? 'first' : known === word ? 'same' : 'different';
          if (known === undefined) model.set(id, word);
          expect(ids.meet(recordHash('d', 'users', String(id)), word)).toBe(expected);
        }
        expect(ids.size).toBe(model.size);
      }),
    );
  });

  it('holds hashes whose words are all zero', () => {
    const ids = new IdSet();
    expect(ids.meet(Buffer.alloc(8), 0)).toBe('first');
    expect(ids.meet(Buffer.alloc(8), 0)).toBe('same');
  });

  it('keeps every id while it grows, at any size in at most 16 bytes each', () => {
    const ids = new IdSet();
    const count = 100_000;
    const few = 2_000; // below, rounding up and the shards' first slots show
    let most = 0;
    const hashes = Array.from({ length: count }, (_, n) => recordHash('d', 'users', `id-${n}`));
    expect(
      hashes.every((hash) => {
        const met = ids.meet(hash, 7);
        if (ids.size >= few && ids.size % 64 === 0) most = Math.max(most, ids.bytes / ids.size);
        return met === 'first';
      }),
    ).toBe(true);
    expect(hashes.every((hash) => ids.meet(hash, 7) === 'same')).toBe(true);
    expect(ids.size).toBe(count);
    expect(most).toBeLessThanOrEqual(16);
  });
});
