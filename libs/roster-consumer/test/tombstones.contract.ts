/* What every RosterStore promises of a record that is gone for good. */
import { describe, expect, it } from '@jest/globals';
import type { ChangeEntry } from '../src/following/decode-entries.js';
import { foldChanges } from '../src/following/fold-changes.js';
import type { RosterStore } from '../src/following/ports.js';
import type { FreshPlace } from './fresh-place.js';
import { digestOf, sampleEntries, type SampleChange } from './sample-changes.js';

export function describeTombstones(store: () => RosterStore, fresh: () => FreshPlace): void {
  describe('a tombstone', () => {
    async function withRow() {
      const place = fresh();
      await place.write(10, [place.created('a', 5), place.created('b', 5)]);
      const forget = (gg4lId: string, offset: number, at = place.partition, after: SampleChange[] = []) => {
        const entries = sampleEntries(place.type, after, offset + 1).filter(({ kind }) => kind === 'change');
        const tombstone = { kind: 'tombstone', offset: BigInt(offset), gg4lId } as const;
        const all = [{ ...tombstone, districtId: place.district }, ...(entries as ChangeEntry[])];
        return store().write(place.type, at, foldChanges(all), []);
      };
      return { ...place, forget };
    }

    it('takes away the row that came before it, active or archived, and no other; twice is once', async () => {
      const { forget, write, archived, created, digest } = await withRow();
      expect(await forget('a', 12)).toBe(0);
      expect(await digest()).toMatchObject({ ...digestOf([created('b', 5)]), highestGeneration: 5 });
      await write(13, [archived('b', 6)]);
      await forget('a', 14);
      await forget('b', 15);
      expect(await write(16, [created('a', 1), created('b', 1)])).toBe(2);
    });

    it('leaves a row that came after it', async () => {
      const { forget, digest } = await withRow();
      await forget('a', 9);
      expect(await digest()).toMatchObject({ active: 2 });
    });

    it('leaves what came behind it in the same write', async () => {
      const { forget, created, digest, partition } = await withRow();
      expect(await forget('a', 12, partition, [created('a', 4)])).toBe(1);
      expect(await digest()).toMatchObject({ active: 2 });
    });

    it('takes away what came before it in the same write', async () => {
      const { type, partition, district, created, digest } = await withRow();
      const entries = sampleEntries(type, [{ ...created('c', 6), district }], 12);
      const changes = entries.filter((entry) => entry.kind === 'change');
      const tombstone = { kind: 'tombstone', offset: 13n, districtId: district, gg4lId: 'c' } as const;
      await store().write(type, partition, foldChanges([...changes, tombstone]), []);
      expect(await digest()).toMatchObject({ active: 2, highestGeneration: 5 });
    });

    it('of what is not there changes nothing', async () => {
      const { forget, digest } = await withRow();
      expect(await forget('c', 12)).toBe(0);
      expect(await digest()).toMatchObject({ active: 2 });
    });
  });
}
