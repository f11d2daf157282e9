/* What every RosterStore promises: run against Postgres and against memory. Each case differs by one condition only. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { foldChanges } from '../src/following/fold-changes.js';
import { RefusedRowsError, type FenceAt, type RosterStore } from '../src/following/ports.js';
import { digestOf, sampleEntries, type SampleChange } from './sample-changes.js';
import { describeShadows } from './shadows.contract.js';
import { describeTombstones } from './tombstones.contract.js';

/**
 * `open`: an empty store that refuses a record with the attribute `startDate: 'never'`; `isTransactional`: it then writes
 * nothing of the whole call.
 */
export function describeRosterStore(
  name: string,
  open: () => Promise<Required<RosterStore>>,
  isTransactional = true,
): void {
  describe(name, () => {
    let store: Required<RosterStore>;
    let unused = 0;
    beforeAll(async () => {
      store = await open();
    });

    /** A partition and a district that no other case has used. */
    function fresh() {
      unused += 1;
      const district = `d-${unused}`;
      const partition = unused;
      const type: EntityType = 'academicSessions';
      const change = (verb: SampleChange['verb'], id: string, generation: number): SampleChange => ({
        verb,
        id,
        generation,
        district,
      });
      async function write(
        offset: number,
        changes: readonly SampleChange[],
        fences: readonly FenceAt[] = [],
      ) {
        const entries = sampleEntries(type, changes, offset).filter((entry) => entry.kind === 'change');
        return store.write(type, partition, foldChanges(entries), fences);
      }
      return {
        district,
        partition,
        type,
        write,
        created: (id: string, generation: number) => change('created', id, generation),
        archived: (id: string, generation: number) => change('archived', id, generation),
        fence: (epoch: number, offset: number) => write(0, [], [{ epoch, offset: BigInt(offset) }]),
        standing: () => store.standing(type, partition),
        digest: (of = district, at = partition) => store.digest(of, type, at),
        shadowed: (id: string, offset: number, generation: number, fenced = false, of = district) =>
          store.shadowed(
            type,
            [{ districtId: of, gg4lId: id, offset: BigInt(offset), generation, fenced }],
            partition,
          ),
      };
    }

    describe('writing rows', () => {
      it('writes a record that is new', async () => {
        const { write, created } = fresh();
        expect(await write(0, [created('a', 5)])).toBe(1);
      });

      it('writes a higher generation', async () => {
        const { write, created, digest } = fresh();
        await write(0, [created('a', 5)]);
        expect(await write(1, [created('a', 6)])).toBe(1);
        expect(await digest()).toMatchObject({ highestGeneration: 6 });
      });

      it('writes nothing over the same generation', async () => {
        const { write, created, archived, digest } = fresh();
        await write(0, [created('a', 5)]);
        expect(await write(1, [created('a', 5)])).toBe(0);
        expect(await write(2, [archived('a', 5)])).toBe(0);
        expect(await digest()).toMatchObject({ active: 1 });
      });

      it('writes nothing over a higher generation', async () => {
        const { write, created, archived, digest } = fresh();
        await write(0, [created('a', 5)]);
        expect(await write(1, [created('a', 4)])).toBe(0);
        expect(await write(2, [archived('a', 4)])).toBe(0);
        expect(await digest()).toMatchObject({ active: 1, highestGeneration: 5 });
      });

      it('counts the record and the archive of one id', async () => {
        const { write, created, archived, digest } = fresh();
        expect(await write(0, [created('a', 5), archived('a', 6)])).toBe(2);
        expect(await digest()).toMatchObject({ active: 0, highestGeneration: 6 });
      });

      it('keeps an archive of what it never saw, and restores it', async () => {
        const { write, created, archived, digest } = fresh();
        expect(await write(0, [archived('a', 5)])).toBe(1);
        expect(await digest()).toMatchObject({ active: 0, highestGeneration: 5 });
        expect(await write(1, [{ ...created('a', 6), verb: 'restored' }])).toBe(1);
        expect(await digest()).toMatchObject({ active: 1 });
      });

      it('tells apart ids that differ by case, districts and types', async () => {
        const { write, created, digest, type, partition } = fresh();
        await write(0, [created('a', 5), created('A', 5), { ...created('a', 5), district: 'other' }]);
        expect(await digest()).toMatchObject({ active: 2 });
        expect(await digest('other')).toMatchObject({ active: 1 });
        expect(type).toBe('academicSessions');
        expect(await store.digest('other', 'courses', partition)).toMatchObject({ active: 0 });
      });

      const itIfTransactional = isTransactional ? it : (): void => undefined;
      itIfTransactional('writes nothing at all, no fence either, if one row is refused', async () => {
        const { write, created, digest, standing } = fresh();
        const refused = { ...created('b', 5), attributes: { startDate: 'never' } };
        const writing = write(0, [created('a', 5), refused], [{ epoch: 2, offset: 0n }]);
        await expect(writing).rejects.toBeInstanceOf(RefusedRowsError);
        expect(await digest()).toMatchObject({ active: 0 });
        expect(await standing()).toEqual({ fences: [], highestOffset: null });
      });
    });

    describeTombstones(() => store, fresh);

    describe('fences', () => {
      it('are kept by partition and by type, in the order of their epochs', async () => {
        const { fence, standing, partition } = fresh();
        await fence(3, 30);
        await fence(2, 20);
        expect(await standing()).toMatchObject({
          fences: [
            { epoch: 2, offset: 20n },
            { epoch: 3, offset: 30n },
          ],
        });
        expect(await store.standing('academicSessions', partition + 1000)).toMatchObject({ fences: [] });
        expect(await store.standing('courses', partition)).toMatchObject({ fences: [] });
      });

      it('are kept with the rows of the same write', async () => {
        const { write, created, standing } = fresh();
        await write(7, [created('a', 5)], [{ epoch: 2, offset: 6n }]);
        expect(await standing()).toEqual({ fences: [{ epoch: 2, offset: 6n }], highestOffset: 7n });
      });

      it('of one epoch count from the first of them', async () => {
        const { fence, standing, write } = fresh();
        await fence(2, 20);
        await fence(2, 30);
        expect((await standing()).fences).toEqual([{ epoch: 2, offset: 20n }]);
        await fence(2, 10);
        expect((await standing()).fences).toEqual([{ epoch: 2, offset: 10n }]);
        await write(
          0,
          [],
          [
            { epoch: 3, offset: 40n },
            { epoch: 3, offset: 39n },
          ],
        );
        expect((await standing()).fences).toContainEqual({ epoch: 3, offset: 39n });
      });
    });

    describe('the highest offset', () => {
      it('is that of the last row written', async () => {
        const { write, created, standing } = fresh();
        expect(await standing()).toEqual({ fences: [], highestOffset: null });
        await write(3, [created('a', 5), created('b', 5)]);
        expect(await standing()).toMatchObject({ highestOffset: 4n });
      });

      it('stays where nothing was written, and where an offset is lower', async () => {
        const { write, created, standing } = fresh();
        await write(3, [created('a', 5)]);
        await write(9, [created('a', 5)]);
        expect(await standing()).toMatchObject({ highestOffset: 3n });
        await write(1, [created('b', 5)]);
        expect(await standing()).toMatchObject({ highestOffset: 3n });
      });
    });

    describe('the digest', () => {
      it('is count and xor of the watermark terms of active rows', async () => {
        const { write, created, archived, digest } = fresh();
        const changes = [created('a', 5), created('ä"\\', 5), created('c', 5), archived('c', 6)];
        await write(0, changes);
        const expected = digestOf(changes);
        expect(expected.active).toBe(2);
        expect(await digest()).toEqual({ ...expected, highestGeneration: 6 });
      });

      it('is zero where nothing is', async () => {
        const { digest } = fresh();
        expect(await digest()).toEqual({ active: 0, xor: '0000000000000000', highestGeneration: 0 });
      });

      it('holds rows of its own district and partition only', async () => {
        const { write, created, digest, partition } = fresh();
        await write(0, [created('a', 5)]);
        expect(await digest('another')).toMatchObject({ active: 0, highestGeneration: 0 });
        expect(await digest(undefined, partition + 1000)).toMatchObject({ active: 0, highestGeneration: 0 });
      });

      it('has always 16 digits', async () => {
        const { write, created, digest } = fresh();
        for (let id = 0; id < 40; id += 1) {
          const changes = Array.from({ length: id + 1 }, (_, at) => created(`id-${at}`, 5));
          await write(id, changes.slice(-1));
          expect(await digest()).toMatchObject(digestOf(changes));
        }
      });
    });

    describeShadows(() => store, fresh);
  });
}
