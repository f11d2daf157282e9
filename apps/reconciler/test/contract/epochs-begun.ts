/* An epoch begins with keys loaded beside the live ones, and one call that sets the position. */
import { expect, it } from '@jest/globals';
import type { LoadedType } from '../../src/reconciliation/index-state.js';
import { activeIds, AT_FRESH, entriesAt, FRESH, load, loaded, LOADED } from './epoch-samples.js';
import {
  archivedOf,
  D,
  digestOf,
  entryOf,
  group,
  NEXT,
  opened,
  P,
  START,
  textOf,
  entriesOf,
  type Open,
} from './index-samples.js';

export function promiseLoads(open: Open): void {
  it('is seen by nobody before it is installed, and whole after', async () => {
    const index = await opened(open);
    await index.write(P, START, NEXT, [{ districtId: D, ...entriesOf('users', ['old']) }]);
    await loaded(index);
    expect(await entriesAt(index, ['old', 'a', 'z'])).toEqual([entryOf('old'), null, null]);
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(true);
    const view = await index.read(P, [D], [group('users', ['old', 'a', 'b', 'z'])]);
    expect(view.position).toEqual(AT_FRESH);
    expect(view.groups[0]?.entries).toEqual([null, entryOf('a'), entryOf('b'), archivedOf('z')]);
    expect(view.districts.get(D)?.digests).toEqual({ users: digestOf(['a', 'b']) });
    expect(await activeIds(index, FRESH)).toEqual(['a', 'b']);
  });

  it('begins anew where it is the first, and adds where it is not', async () => {
    const index = await open();
    await load(index, ['left over']);
    await loaded(index);
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(true);
    expect(await entriesAt(index, ['left over', 'b'])).toEqual([null, entryOf('b')]);
    expect(await activeIds(index, FRESH)).toEqual(['a', 'b']);
  });

  it('beginning anew leaves other districts, types, epochs and partitions alone', async () => {
    const index = await open();
    const entries = [{ gg4lId: 'a', entry: entryOf('a') }];
    const options = { first: true, digest: digestOf(['a']) };
    await index.load(P, FRESH + 1, D, 'users', entries, options);
    await index.load(P, FRESH, D, 'users', entries, options);
    await index.load(P, FRESH, D, 'orgs', entries, options);
    await index.load(P, FRESH, 'other', 'users', entries, options);
    await index.load(P + 1, FRESH, D, 'users', entries, options);
    const one = { ids: 1, digest: digestOf(['a']) };
    const expected: LoadedType[] = [
      { districtId: D, entityType: 'users', ...one },
      { districtId: D, entityType: 'orgs', ...one },
      { districtId: 'other', entityType: 'users', ...one },
    ];
    expect(await index.install(P, AT_FRESH, expected)).toBe(true);
    expect(await index.install(P + 1, AT_FRESH, expected.slice(0, 1))).toBe(true);
    expect(await index.install(P, { ...AT_FRESH, epoch: FRESH + 1 }, expected.slice(0, 1))).toBe(true);
  });

  it.each([
    [FRESH + 1, 'a higher epoch', true],
    [FRESH, 'this epoch', true],
    [FRESH - 1, 'a lower epoch', false],
  ])('over a position of epoch %p (%s) it is left out: %p', async (epoch, _, isLeftOut) => {
    const index = await open();
    await load(index, ['before'], { epoch: FRESH });
    expect(await index.install(P, { ...START, epoch }, [])).toBe(true);
    await load(index, ['a', 'b']);
    const ids = isLeftOut ? ['before'] : ['a', 'b'];
    expect(await activeIds(index, FRESH)).toEqual(ids);
  });

  it.each([3_999, 4_000, 4_001, 10_000])('takes %p ids in one call', async (count) => {
    const index = await open();
    const ids = Array.from({ length: count }, (_, i) => `id ${String(i)}`);
    await load(index, ids);
    const expected = { districtId: D, entityType: 'users', ids: count, digest: digestOf(ids) } as const;
    expect(await index.install(P, AT_FRESH, [expected])).toBe(true);
    expect(textOf(await entriesAt(index, ids))).toBe(textOf(ids.map((id) => entryOf(id))));
  });
}

export function promiseInstalls(open: Open): void {
  it.each<[string, LoadedType]>([
    ['more ids', { ...LOADED, ids: 4 }],
    ['fewer ids', { ...LOADED, ids: 2 }],
    ['another number of active ids', { ...LOADED, digest: { ...LOADED.digest, active: 3 } }],
    ['another xor', { ...LOADED, digest: { ...LOADED.digest, xor: '00000000000000ff' } }],
    ['another district', { ...LOADED, districtId: 'other' }],
    ['another type', { ...LOADED, entityType: 'orgs' }],
  ])('is refused where %s were folded than loaded, and changes nothing', async (_, expected) => {
    const index = await opened(open);
    await loaded(index);
    expect(await index.install(P, AT_FRESH, [expected])).toBe(false);
    expect((await index.read(P, [], [])).position).toEqual(START);
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(true);
  });

  it('is refused where another loaded an active id beside', async () => {
    const index = await opened(open);
    await load(index, ['a', 'b', 'c'], { active: ['a', 'b'] });
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(false);
  });

  it.each([
    ['count', { ...LOADED.digest, active: 3 }],
    ['xor', { ...LOADED.digest, xor: '00000000000000ff' }],
  ])('is refused where the %s of the loaded digest alone differs', async (_, digest) => {
    const index = await opened(open);
    await loaded(index);
    await index.load(P, FRESH, D, 'users', [], { first: false, digest });
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(false);
  });

  it('is refused where one of several differs', async () => {
    const index = await opened(open);
    await loaded(index);
    await load(index, ['a'], { districtId: 'other' });
    const other: LoadedType = { districtId: 'other', entityType: 'users', ids: 1, digest: digestOf(['a']) };
    expect(await index.install(P, AT_FRESH, [LOADED, { ...other, ids: 2 }])).toBe(false);
    expect(await index.install(P, AT_FRESH, [{ ...LOADED, ids: 2 }, other])).toBe(false);
    expect(await index.install(P, AT_FRESH, [LOADED, other])).toBe(true);
  });

  it('is refused where everything was lost meanwhile', async () => {
    const index = await open();
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(false);
    expect((await index.read(P, [], [])).position).toBeNull();
  });

  it.each([
    [FRESH - 1, true],
    [FRESH, false],
    [FRESH + 1, false],
  ])(
    'over a position of epoch %p gives %p, though all that was loaded is there',
    async (epoch, installed) => {
      const index = await open();
      await loaded(index);
      await index.install(P, { ...START, epoch }, []);
      expect(await index.install(P, AT_FRESH, [LOADED])).toBe(installed);
    },
  );
}
