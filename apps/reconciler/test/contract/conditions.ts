/* A write is made whole or not at all: every condition has a case in which it alone differs. */
import { expect, it } from '@jest/globals';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { DistrictWrites, Phase } from '../../src/reconciliation/index-state.js';
import {
  ANY,
  P,
  D,
  START,
  NEXT,
  OTHERS,
  opened,
  sweeping,
  group,
  entryOf,
  chunkOf,
  snapshot,
  entriesOf,
  type Open,
} from './index-samples.js';

export function promiseConditions(open: Open): void {
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
      { districtId: D, startSweep: { generation, phase, refresh: [], atMost: ANY } },
    ];
    expect(await index.write(P, NEXT, START, writes)).toBe(done);
    const view = await index.read(P, [], [{ ...group('users', ['a']), districtId: 'other' }]);
    expect(view.position).toEqual(done ? START : NEXT);
    expect(view.groups[0]?.entries).toEqual([done ? entryOf('a') : null]);
  });

  it('a sweep of a district without snapshot is refused', async () => {
    const index = await opened(open);
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: [], atMost: ANY };
    expect(await index.write(P, START, NEXT, [{ districtId: D, startSweep }])).toBe(false);
  });

  it.each(ENTITY_TYPES)(
    'a sweep of more %s than may be archived is refused, and nobody is in its worklists',
    async (type) => {
      const index = await opened(open);
      const position = await sweeping(index, ENTITY_TYPES);
      const marks = { generation: 4, types: [{ entityType: type, seen: ['gone'], withdrawn: [] }] };
      const before = [
        { districtId: D, snapshot: snapshot(4, 'planned'), forget: { generation: 4, reports: false } },
      ];
      expect(await index.write(P, position, START, [...before, { districtId: D, marks }])).toBe(true);
      const atMost = (most: number) => ({ ...ANY, [type]: most });
      const start = (most: number, refresh: readonly EntityType[]) =>
        index.write(P, START, NEXT, [
          { districtId: D, startSweep: { generation: 4, phase: 'planned', refresh, atMost: atMost(most) } },
        ]);
      for (const refresh of [[], [type]]) expect(await start(1, refresh)).toBe(false);
      const { position: found } = await index.read(P, [], []);
      expect(found).toEqual(START);
      expect(await index.stale(P, 7, group(type, []), 10)).toEqual([]);
      expect(await start(2, [])).toBe(true);
      expect(await index.stale(P, 7, group(type, []), 10)).toHaveLength(2);
    },
  );

  it('a sweep of which nothing is counted archives nobody', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users']);
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: [], atMost: { orgs: 9 } };
    expect(await index.write(P, position, NEXT, [{ districtId: D, startSweep }])).toBe(false);
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

export function promiseForgetting(open: Open): void {
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
