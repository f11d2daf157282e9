/* What both indexes of GG4L IDs promise: every condition has a case in which it alone differs. */
import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, NO_SCHOOL, watermarkTerm, XorSum, type EntityType } from '#contracts';
import type {
  DistrictWrites,
  IndexEntry,
  Phase,
  Position,
  SnapshotState,
  StaleRecord,
} from '../src/reconciliation/index-state.js';
import type { RosterIndex } from '../src/reconciliation/ports.js';

const P = 3;
const D = 'district.one';
const START: Position = { epoch: 7, mode: 'follow', next: 9_007_199_254_740_993n, applyNext: '' };
const NEXT: Position = { ...START, next: START.next + 1n };
const OTHERS: readonly [string, Position][] = [
  ['epoch', { ...START, epoch: 8 }],
  ['mode', { ...START, mode: 'sweep' }],
  ['next', { ...START, next: START.next - 1n }],
  ['applyNext', { ...START, applyNext: 'users' }],
];
const ODD_IDS = [
  'a b',
  ' ',
  '',
  'ß-日本-🏫',
  'a:b:{c}',
  'line\nbreak',
  'nul\0byte',
  '%s\\0',
  '"quoted"',
  '34',
];

type Open = () => Promise<RosterIndex>;

export function promiseRosterIndex(open: Open): void {
  describe('positions', () => promisePositions(open));
  describe('read and write', () => promiseRoundTrips(open));
  describe('conditions of a write', () => promiseConditions(open));
  describe('forgetting', () => promiseForgetting(open));
  describe('the sweep', () => promiseSweep(open));
  describe('unseen', () => promiseUnseen(open));
}

function promisePositions(open: Open): void {
  it('reads nothing where no position is, and writes nothing', async () => {
    const index = await open();
    const nothing = { position: null, districts: new Map(), groups: [] };
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
    const position: Position = { epoch, mode: 'apply', next: 1n, applyNext: '5' };
    expect(await index.install(P, position, [])).toBe(installed);
    expect((await index.read(P, [], [])).position).toEqual(installed ? position : START);
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

function promiseRoundTrips(open: Open): void {
  it('gives back the position, snapshot, reports and digests of each district', async () => {
    const index = await opened(open);
    const digests = {
      users: { active: 3, xor: 'ff00000000000001' },
      orgs: { active: 0, xor: '0000000000000000' },
    };
    const reports = { failed: { kind: 'failed', reason: 'ß' } } as unknown as NonNullable<
      DistrictWrites['reports']
    >;
    const next: Position = { epoch: 7, mode: 'apply', next: 12n, applyNext: '34' };
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
    expect(groups[0]?.entries.slice(0, -1)).toEqual(ids.map((id) => entryOf(id)));
    expect(groups[0]?.entries.at(-1)).toBeNull();
    expect(groups[0]?.marked.filter((mark) => mark === 'seen')).toHaveLength(count);
    expect(groups[0]?.marked).toHaveLength(count + 1);
  });
}

function promiseConditions(open: Open): void {
  it.each(OTHERS)('refuses a write that expects another %s, and changes nothing', async (_, expected) => {
    const index = await opened(open);
    const writes = [{ districtId: D, snapshot: snapshot(4, 'reading'), ...entriesOf('users', ['a']) }];
    expect(await index.write(P, expected, { ...NEXT, epoch: expected.epoch }, writes)).toBe(false);
    const view = await index.read(P, [D], [group('users', ['a'])]);
    expect(view.position).toEqual(START);
    expect(view.districts.get(D)?.snapshot).toBeNull();
    expect(view.groups[0]?.entries).toEqual([null]);
  });

  it('of two writes that expect the same position, only one is made', async () => {
    const index = await opened(open);
    expect(await Promise.all([1, 2].map(() => index.write(P, START, NEXT, [])))).toEqual([true, false]);
  });

  it.each<[string, number, Phase, boolean]>([
    ['the same snapshot', 4, 'planned', true],
    ['another generation', 5, 'planned', false],
    ['another phase', 4, 'applied', false],
  ])('starting a sweep of %s', async (_, generation, phase, done) => {
    const index = await opened(open);
    await index.write(P, START, NEXT, [{ districtId: D, snapshot: snapshot(4, 'planned') }]);
    const writes = [
      { districtId: 'other', ...entriesOf('users', ['a']) },
      { districtId: D, startSweep: { generation, phase, refresh: [] } },
    ];
    expect(await index.write(P, NEXT, START, writes)).toBe(done);
    const view = await index.read(P, [], [{ ...group('users', ['a']), districtId: 'other' }]);
    expect(view.position).toEqual(done ? START : NEXT);
    expect(view.groups[0]?.entries).toEqual([done ? entryOf('a') : null]);
  });

  it('a sweep of a district without snapshot is refused', async () => {
    const index = await opened(open);
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: [] };
    expect(await index.write(P, START, NEXT, [{ districtId: D, startSweep }])).toBe(false);
  });

  it.each(ENTITY_TYPES)('a sweep does not end while %s has an id in its worklist', async (type) => {
    const index = await opened(open);
    const position = await sweeping(index, [type]);
    const endSweep = { districtId: D, snapshot: snapshot(4, 'swept'), endSweep: { generation: 4 } };
    expect(await index.write(P, position, NEXT, [endSweep])).toBe(false);
    expect((await index.read(P, [D], [])).districts.get(D)?.snapshot?.phase).toBe('planned');
    const ofOther = [
      { ...endSweep, districtId: 'other' },
      { districtId: D, endSweep: { generation: 5 } },
    ];
    expect(await index.write(P, position, position, ofOther)).toBe(true);
    expect(await index.archive(P, position, chunkOf(['gone', 'left ß'], type))).toBe(2);
    expect(await index.write(P, position, NEXT, [endSweep])).toBe(true);
    expect((await index.read(P, [D], [])).districts.get(D)?.snapshot?.phase).toBe('swept');
  });
}

function promiseForgetting(open: Open): void {
  it.each([true, false])(
    'drops marks and worklists of the generation named; reports: %p',
    async (reports) => {
      const index = await opened(open);
      const position = await sweeping(index, ENTITY_TYPES);
      expect(await index.archive(P, position, chunkOf(['gone']))).toBe(1);
      const kept = {
        planned: { kind: 'planned' },
        applied: {},
        failed: {},
      } as unknown as DistrictWrites['reports'];
      const marks = (generation: number) => ({
        generation,
        types: ENTITY_TYPES.map((entityType) => ({ entityType, seen: ['kept'], withdrawn: ['gone'] })),
      });
      const before = [
        { districtId: D, reports: kept ?? {}, marks: marks(4) },
        { districtId: D, marks: marks(5) },
      ];
      expect(await index.write(P, position, position, before)).toBe(true);
      expect(
        await index.write(P, position, NEXT, [{ districtId: D, forget: { generation: 4, reports } }]),
      ).toBe(true);
      const asked = ENTITY_TYPES.flatMap((type) => [4, 5].map((g) => group(type, ['kept', 'gone'], g)));
      const view = await index.read(P, [D], asked);
      expect(view.groups.map(({ marked }) => marked)).toEqual(
        asked.map(({ generation }) => (generation === 4 ? [null, null] : ['seen', 'withdrawn'])),
      );
      for (const type of ENTITY_TYPES) expect(await index.stale(P, 7, group(type, []), 10)).toEqual([]);
      expect(view.districts.get(D)?.reports).toEqual(reports ? {} : kept);
      expect(view.districts.get(D)?.archived).toEqual(reports ? {} : { users: 1 });
      expect(view.districts.get(D)?.snapshot).toEqual(snapshot(4, 'planned'));
      expect(view.districts.get(D)?.digests.users).toBeDefined();
    },
  );

  it('forgets before it writes what the same call brings', async () => {
    const index = await opened(open);
    const marks = { generation: 4, types: [{ entityType: 'users' as const, seen: ['a'], withdrawn: [] }] };
    const reports = { planned: {} } as unknown as NonNullable<DistrictWrites['reports']>;
    const writes = { districtId: D, marks, reports, forget: { generation: 4, reports: true } };
    await index.write(P, START, NEXT, [writes]);
    const view = await index.read(P, [D], [group('users', ['a'])]);
    expect(view.groups[0]?.marked).toEqual(['seen']);
    expect(view.districts.get(D)?.reports).toEqual(reports);
  });
}

function promiseSweep(open: Open): void {
  it('its worklist is what is active and not seen; withdrawn ids say so', async () => {
    const index = await opened(open);
    await sweeping(index, ENTITY_TYPES);
    for (const type of ENTITY_TYPES) {
      const stale = await index.stale(P, 7, group(type, []), 10);
      expect(byId(stale)).toEqual([
        { gg4lId: 'gone', entry: entryOf('gone'), withdrawn: false },
        { gg4lId: 'left ß', entry: entryOf('left ß'), withdrawn: true },
      ]);
    }
    expect(await index.stale(P, 7, group('users', []), 1)).toHaveLength(1);
    expect(await index.stale(P, 8, group('users', []), 10)).toEqual([]);
    expect(await index.stale(P, 7, group('users', [], 5), 10)).toEqual([]);
  });

  it.each(OTHERS)('refuses to archive at another %s, and changes nothing', async (field, other) => {
    const index = await opened(open);
    const position = await sweeping(index, ['users']);
    const differing = { ...position, [field]: other[field as keyof Position] };
    const expected = field === 'mode' ? { ...position, mode: 'close' as const } : differing;
    if (field === 'applyNext') expected.applyNext = 'orgs';
    const before = await index.read(P, [D], [group('users', ['gone'])]);
    expect(await index.archive(P, expected, chunkOf(['gone']))).toBeNull();
    expect(await index.read(P, [D], [group('users', ['gone'])])).toEqual(before);
    expect(await index.stale(P, 7, group('users', []), 10)).toHaveLength(2);
  });

  it('archives only ids it takes from the worklist itself, each once', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users', 'orgs']);
    const chunk = chunkOf(['kept', 'gone', 'unknown', 'left ß', 'gone']);
    expect(await index.archive(P, position, chunk)).toBe(2);
    expect(await index.archive(P, position, chunk)).toBe(0);
    const ids = ['kept', 'gone', 'unknown', 'left ß'];
    const { groups, districts } = await index.read(P, [D], [group('users', ids), group('orgs', ids)]);
    expect(groups[0]?.entries).toEqual([entryOf('kept'), archivedOf('gone'), null, archivedOf('left ß')]);
    expect(groups[1]?.entries).toEqual([entryOf('kept'), entryOf('gone'), null, entryOf('left ß')]);
    expect(districts.get(D)?.digests.users).toEqual(digestOf(['kept']));
    expect(districts.get(D)?.digests.orgs).toEqual(digestOf(['kept', 'gone', 'left ß']));
    expect(districts.get(D)?.archived).toEqual({ users: 2 });
  });

  it('what was archived is active no more, until it is written again', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users']);
    await index.archive(P, position, chunkOf(['gone']));
    expect(await allUnseen(index, 5)).toEqual(['kept', 'left ß']);
    await index.write(P, position, position, [{ districtId: D, ...entriesOf('users', ['gone']) }]);
    expect(await allUnseen(index, 5)).toEqual(['gone', 'kept', 'left ß']);
  });

  it('starts anew from what is active now', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users']);
    const marks = { generation: 4, types: [{ entityType: 'users' as const, seen: ['gone'], withdrawn: [] }] };
    await index.write(P, position, position, [{ districtId: D, marks }]);
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: [] };
    await index.write(P, position, position, [{ districtId: D, startSweep }]);
    const stale = await index.stale(P, 7, group('users', []), 10);
    expect(stale.map(({ gg4lId }) => gg4lId)).toEqual(['left ß']);
  });

  it('digests xor as 16 hex digits also where the top bit is set', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users']);
    const digests = { users: { active: 3, xor: 'ffffffff80000001' } };
    await index.write(P, position, position, [{ districtId: D, digests }]);
    const { records, ...rest } = chunkOf(['gone']);
    const term = Buffer.from('7fffffff80000000', 'hex');
    await index.archive(P, position, { ...rest, records: records.map((record) => ({ ...record, term })) });
    const view = await index.read(P, [D], []);
    expect(view.districts.get(D)?.digests.users).toEqual({ active: 2, xor: '8000000000000001' });
  });
}

function promiseUnseen(open: Open): void {
  it('gives each active id that was not seen once, in chunks, with its entry', async () => {
    const index = await opened(open);
    const ids = Array.from({ length: 9_001 }, (_, i) => `id ${String(i)}`);
    const marks = {
      generation: 4,
      types: [{ entityType: 'users', seen: ids.slice(0, 4_000), withdrawn: ['id 9000'] }],
    };
    await index.write(P, START, NEXT, [
      { districtId: D, marks, ...entriesOf('users', ids) } as DistrictWrites,
    ]);
    const records: StaleRecord[] = [];
    for await (const chunk of index.unseen(P, 7, group('users', []))) {
      expect(chunk.length).toBeLessThanOrEqual(2_000);
      records.push(...chunk);
    }
    const expected = ids
      .slice(4_000)
      .map((id) => ({ gg4lId: id, entry: entryOf(id), withdrawn: id === 'id 9000' }));
    expect(byId(records)).toEqual(byId(expected));
    expect(await allUnseen(index, 4)).toHaveLength(5_001);
  });

  it('changes neither worklists nor marks', async () => {
    const index = await opened(open);
    await sweeping(index, ['users']);
    expect(await allUnseen(index, 4)).toEqual(['gone', 'left ß']);
    expect(await index.stale(P, 7, group('users', []), 10)).toHaveLength(2);
    const { groups } = await index.read(P, [], [group('users', ['kept', 'left ß'])]);
    expect(groups[0]?.marked).toEqual(['seen', 'withdrawn']);
  });
}

async function opened(open: Open): Promise<RosterIndex> {
  const index = await open();
  expect(await index.install(P, START, [])).toBe(true);
  return index;
}

/** Snapshot 4, planned and sweeping: of each type `kept` is seen, `gone` is not, `left ß` is withdrawn. */
async function sweeping(index: RosterIndex, types: readonly EntityType[]): Promise<Position> {
  const ids = ['kept', 'gone', 'left ß'];
  const position: Position = { ...START, mode: 'sweep', applyNext: 'users' };
  const filled: DistrictWrites = {
    districtId: D,
    snapshot: snapshot(4, 'planned'),
    marks: {
      generation: 4,
      types: types.map((entityType) => ({ entityType, seen: ['kept'], withdrawn: ['left ß'] })),
    },
    entries: types.flatMap((entityType) => entriesOf(entityType, ids).entries),
    digests: Object.fromEntries(types.map((type) => [type, digestOf(ids)])),
  };
  expect(await index.write(P, START, START, [filled])).toBe(true);
  const startSweep = { generation: 4, phase: 'planned' as const, refresh: [] };
  expect(await index.write(P, START, position, [{ districtId: D, startSweep }])).toBe(true);
  return position;
}

async function allUnseen(index: RosterIndex, generation: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const chunk of index.unseen(P, 7, group('users', [], generation))) {
    ids.push(...chunk.map(({ gg4lId }) => gg4lId));
  }
  return ids.sort();
}

function byId(records: readonly StaleRecord[]): StaleRecord[] {
  return [...records].sort((a, b) => (a.gg4lId < b.gg4lId ? -1 : 1));
}

function group(entityType: EntityType, gg4lIds: readonly string[], generation = 4) {
  return { districtId: D, entityType, generation, gg4lIds };
}

function entryOf(gg4lId: string): IndexEntry {
  const term = watermarkTerm(gg4lId, NO_SCHOOL);
  return { fingerprint: Buffer.concat([term, term]), status: 'active', generation: 3, schoolHash: term };
}

function archivedOf(gg4lId: string): IndexEntry {
  return { ...entryOf(gg4lId), status: 'archived', generation: 4 };
}

function entriesOf(entityType: EntityType, ids: readonly string[]) {
  return { entries: [{ entityType, entries: ids.map((gg4lId) => ({ gg4lId, entry: entryOf(gg4lId) })) }] };
}

function termOf(gg4lId: string): Buffer {
  return watermarkTerm(gg4lId, entryOf(gg4lId).fingerprint);
}

function digestOf(ids: readonly string[]) {
  const sum = new XorSum();
  for (const id of ids) sum.add(termOf(id));
  return { active: sum.count, xor: sum.hex };
}

function chunkOf(ids: readonly string[], entityType: EntityType = 'users') {
  const records = ids.map((gg4lId) => ({ gg4lId, entry: archivedOf(gg4lId), term: termOf(gg4lId) }));
  return { districtId: D, entityType, generation: 4, records };
}

function snapshot(generation: number, phase: Phase): SnapshotState {
  return { generation, phase, openedAt: '2024-08-01T06:00:00.000Z', refresh: ['users'], types: {} };
}
