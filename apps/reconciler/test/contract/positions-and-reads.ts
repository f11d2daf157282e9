/* What is read is what was written, under the position that was set. */
import { expect, it } from '@jest/globals';
import type { DistrictWrites, Position } from '../../src/reconciliation/index-state.js';
import {
  P,
  D,
  START,
  NEXT,
  ODD_IDS,
  opened,
  textOf,
  group,
  digestOf,
  entryOf,
  chunkOf,
  snapshot,
  entriesOf,
  type Open,
} from './index-samples.js';

export function promisePositions(open: Open): void {
  it('reads nothing where no position is, and writes nothing', async () => {
    const index = await open();
    const nothing = { position: null, districts: new Map(), incomplete: [], groups: [] };
    expect(await index.read(P, [D], [group('users', ['a'])])).toEqual(nothing);
    expect(await index.write(P, START, NEXT, [])).toBe(false);
    expect(await index.archive(P, START, chunkOf(['a']))).toBeNull();
    expect(await index.read(P, [], [])).toEqual(nothing);
  });

  it.each([
    [6, false],
    [7, false],
    [8, true],
    [10, true],
  ])('over epoch 7, installing epoch %p gives %p', async (epoch, installed) => {
    const index = await opened(open);
    const place = { mode: 'apply', next: 1n, applyNext: '5', fencedAt: 0n, fencedBy: 'another.2' } as const;
    const position: Position = { epoch, ...place };
    expect(await index.install(P, position, [])).toBe(installed);
    expect((await index.read(P, [], [])).position).toEqual(installed ? position : START);
  });

  it.each<[keyof Position, Partial<Position>]>([
    ['epoch', { epoch: 6 }],
    ['mode', { mode: 'apply' }],
    ['next', { next: START.next + 1n }],
    ['applyNext', { applyNext: '5' }],
  ])('is not taken away where %s is another', async (_name, other) => {
    const index = await opened(open);
    await index.retire(P, { ...START, ...other });
    expect((await index.read(P, [], [])).position).toEqual(START);
  });

  it('is gone once it was taken away, and the next epoch begins', async () => {
    const index = await opened(open);
    await index.retire(P, START);
    await index.retire(P, START);
    expect((await index.read(P, [], [])).position).toBeNull();
    expect(await index.write(P, START, NEXT, [])).toBe(false);
    expect(await index.install(P, { ...START, epoch: 8 }, [])).toBe(true);
  });

  it('compares epochs as numbers', async () => {
    const index = await open();
    await index.install(P, { ...START, epoch: 10 }, []);
    expect(await index.install(P, { ...START, epoch: 9 }, [])).toBe(false);
  });

  it('keeps partitions and epochs apart', async () => {
    const index = await opened(open);
    await index.write(P, START, NEXT, [{ districtId: D, ...entriesOf('users', ['a']) }]);
    expect((await index.read(P + 1, [], [])).position).toBeNull();
    await index.install(P, { ...START, epoch: 8 }, []);
    const { groups } = await index.read(P, [D], [group('users', ['a'])]);
    expect(groups[0]?.entries).toEqual([null]);
  });

  it('a write stays in its epoch', async () => {
    const index = await opened(open);
    await expect(index.write(P, START, { ...NEXT, epoch: 8 }, [])).rejects.toThrow(RangeError);
  });
}

export function promiseRoundTrips(open: Open): void {
  it('gives back the position, snapshot, reports and digests of each district', async () => {
    const index = await opened(open);
    const digests = {
      users: { active: 3, xor: 'ff00000000000001' },
      orgs: { active: 0, xor: '0000000000000000' },
    };
    const reports = { failed: { kind: 'failed', reason: 'ß' } } as unknown as NonNullable<
      DistrictWrites['reports']
    >;
    const next: Position = { ...START, mode: 'apply', next: 12n, applyNext: '34' };
    const writes = { districtId: D, snapshot: snapshot(4, 'reading'), reports, digests };
    expect(await index.write(P, START, next, [writes])).toBe(true);
    const view = await index.read(P, [D, 'other'], []);
    expect(view.position).toEqual(next);
    const empty = { snapshot: null, reports: {}, digests: {}, archived: {} };
    expect(view.districts.get(D)).toEqual({
      snapshot: snapshot(4, 'reading'),
      reports,
      digests,
      archived: {},
    });
    expect(view.districts.get('other')).toEqual(empty);
    expect(view.groups).toEqual([]);
  });

  it.each([
    ['as many active as are counted', 2, []],
    ['fewer active than are counted', 3, [D]],
    ['more active than are counted', 1, [D]],
  ])('names the districts of which keys were lost: %s', async (_, active, incomplete) => {
    const index = await opened(open);
    const digests = { users: { ...digestOf(['a', 'b']), active } };
    const other = { districtId: 'other', ...entriesOf('orgs', ['a']), digests: { orgs: digestOf(['a']) } };
    const writes = [{ districtId: D, ...entriesOf('users', ['a', 'b']), digests }, other];
    expect(await index.write(P, START, NEXT, writes)).toBe(true);
    expect((await index.read(P, ['other', D, 'unknown'], [])).incomplete).toEqual(incomplete);
    expect((await index.read(P, ['other'], [])).incomplete).toEqual([]);
  });

  it('gives back entries and marks of any id, byte for byte, in the order asked', async () => {
    const index = await opened(open);
    const marks = {
      generation: 4,
      types: [{ entityType: 'users', seen: ODD_IDS.slice(0, 5), withdrawn: ['34'] }],
    };
    const written = { districtId: D, marks, ...entriesOf('users', ODD_IDS) } as DistrictWrites;
    expect(await index.write(P, START, NEXT, [written])).toBe(true);
    const asked = ['missing', ...ODD_IDS].reverse();
    const { groups } = await index.read(P, [], [group('users', asked), group('orgs', asked)]);
    expect(groups[0]?.entries).toEqual(asked.map((id) => (id === 'missing' ? null : entryOf(id))));
    const markOf = (id: string) =>
      ODD_IDS.slice(0, 5).includes(id) ? 'seen' : id === '34' ? 'withdrawn' : null;
    expect(groups[0]?.marked).toEqual(asked.map(markOf));
    expect(groups[1]).toEqual({ entries: asked.map(() => null), marked: asked.map(() => null) });
  });

  it('asks the marks of the generation named, and of no other', async () => {
    const index = await opened(open);
    const marks = { generation: 4, types: [{ entityType: 'users' as const, seen: ['a'], withdrawn: ['b'] }] };
    await index.write(P, START, NEXT, [{ districtId: D, marks }]);
    const { groups } = await index.read(P, [], [group('users', ['a', 'b'], 5), group('users', [])]);
    expect(groups.map(({ marked }) => marked)).toEqual([[null, null], []]);
  });

  it('carries every byte value and a large generation', async () => {
    const index = await opened(open);
    const all = Array.from({ length: 256 }, (_, byte) => ({
      gg4lId: `id-${String(byte)}`,
      entry: {
        fingerprint: Buffer.alloc(16, byte),
        status: byte % 2 === 0 ? ('active' as const) : ('archived' as const),
        generation: Number.MAX_SAFE_INTEGER - byte,
        schoolHash: Buffer.alloc(8, 255 - byte),
        digests: Buffer.alloc(byte % 31, byte),
        archivedAtMs: byte % 2 === 0 ? 0 : 2 ** 48 - byte,
      },
    }));
    await index.write(P, START, NEXT, [{ districtId: D, entries: [{ entityType: 'users', entries: all }] }]);
    const { groups } = await index.read(
      P,
      [],
      [
        group(
          'users',
          all.map(({ gg4lId }) => gg4lId),
        ),
      ],
    );
    expect(groups[0]?.entries).toEqual(all.map(({ entry }) => entry));
  });

  it.each([3_999, 4_000, 4_001, 12_345])('takes %p ids in one call', async (count) => {
    const index = await opened(open);
    const ids = Array.from({ length: count }, (_, i) => `id ${String(i)}`);
    const marks = { generation: 4, types: [{ entityType: 'users' as const, seen: ids, withdrawn: [] }] };
    await index.write(P, START, NEXT, [{ districtId: D, marks, ...entriesOf('users', ids) }]);
    const { groups } = await index.read(P, [], [group('users', [...ids, 'none'])]);
    expect(textOf(groups[0]?.entries ?? [])).toBe(textOf([...ids.map((id) => entryOf(id)), null]));
    expect(groups[0]?.marked.filter((mark) => mark === 'seen')).toHaveLength(count);
    expect(groups[0]?.marked).toHaveLength(count + 1);
  });
}
