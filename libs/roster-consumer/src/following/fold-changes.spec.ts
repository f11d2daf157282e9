import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeEntry } from './decode-entries.js';
import { foldChanges } from './fold-changes.js';
import { sampleEntries, timeOf, type SampleChange } from '../../test/sample-changes.js';

const fold = (...changes: SampleChange[]) => foldChanges(sampleEntries('users', changes).filter(isChange));

function isChange(entry: { kind: string }): entry is ChangeEntry {
  return entry.kind === 'change';
}

describe('folding changes', () => {
  it('keeps the record and the archive of one created and then archived', () => {
    const { records, archives } = fold(
      { verb: 'created', id: 'a', generation: 5 },
      { verb: 'archived', id: 'a', generation: 7 },
    );
    expect(records.map((row) => row.event.generation)).toEqual([5]);
    expect(archives.map((row) => row.event.generation)).toEqual([7]);
  });

  it('keeps only the record of one archived and then restored, first seen with its first change', () => {
    const { records, archives } = fold(
      { verb: 'archived', id: 'a', generation: 5 },
      { verb: 'restored', id: 'a', generation: 7 },
    );
    expect(archives).toEqual([]);
    expect(records.map((row) => [row.event.generation, row.firstSeenAt])).toEqual([[7, timeOf(5)]]);
  });

  it('leaves out a repeat and what comes late', () => {
    const { records } = fold(
      { verb: 'created', id: 'a', generation: 5 },
      { verb: 'updated', id: 'a', generation: 5 },
      { verb: 'created', id: 'a', generation: 4 },
    );
    expect(records.map((row) => row.offset)).toEqual([0n]);
  });

  it('tells apart equal ids of two districts, and ids that differ by case', () => {
    const { records } = fold(
      { verb: 'created', id: 'a', generation: 5 },
      { verb: 'created', id: 'A', generation: 5 },
      { verb: 'created', id: 'a', generation: 5, district: 'district-2' },
    );
    expect(records).toHaveLength(3);
  });

  it('keeps nothing of what was before a tombstone, and what came after it, of any generation', () => {
    const before = sampleEntries('users', [{ verb: 'created', id: 'a', generation: 5 }]).filter(isChange);
    const after = sampleEntries('users', [{ verb: 'created', id: 'a', generation: 4 }], 2).filter(isChange);
    const tombstone = { kind: 'tombstone', offset: 1n, districtId: 'district-1', gg4lId: 'a' } as const;
    expect(foldChanges([...before, tombstone])).toMatchObject({
      records: [],
      forgotten: [{ districtId: 'district-1', gg4lId: 'a', offset: 1n }],
    });
    expect(foldChanges([...before, tombstone, ...after]).records.map(({ offset }) => offset)).toEqual([2n]);
  });

  it('gives, for any changes and any stored generation, what applying them one by one gives', () => {
    const change = fc.record({
      verb: fc.constantFrom('created', 'updated', 'archived', 'restored'),
      id: fc.constantFrom('a', 'b'),
      generation: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.integer({ min: 0, max: 9 }), (changes, stored) => {
        const entries = sampleEntries('users', changes).filter(isChange);
        const oneByOne = entries.reduce(
          (rows, entry) => write(rows, [entry], stored),
          new Map<string, ModelRow>(),
        );
        const { records, archives } = foldChanges(entries);
        const folded = write(write(new Map<string, ModelRow>(), records, stored), archives, stored);
        expect(folded).toEqual(oneByOne);
      }),
    );
  });
});

interface ModelRow {
  readonly generation: number;
  readonly recordOf: number | null;
  readonly archived: boolean;
}

/** The store's rule on a model of a row: which record it holds, and whether it is archived. */
function write(
  rows: ReadonlyMap<string, ModelRow>,
  changes: readonly Pick<ChangeEntry, 'event'>[],
  stored: number,
): Map<string, ModelRow> {
  const next = new Map(rows);
  for (const { event } of changes) {
    const before = next.get(event.subject) ?? { generation: stored, recordOf: null, archived: false };
    if (before.generation >= event.generation) continue;
    const archived = !('data' in event);
    const recordOf = archived ? before.recordOf : event.generation;
    next.set(event.subject, { generation: event.generation, recordOf, archived });
  }
  return next;
}
