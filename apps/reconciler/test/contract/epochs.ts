/* An epoch begins with keys loaded beside the live ones, and ends when its keys are removed. */
import { expect, it } from '@jest/globals';
import type { IndexEntry, LoadedType, Position } from '../../src/reconciliation/index-state.js';
import type { RosterIndex } from '../../src/reconciliation/ports.js';
import {
  archivedOf,
  D,
  digestOf,
  entriesOf,
  entryOf,
  group,
  NEXT,
  opened,
  P,
  START,
  textOf,
  type Open,
} from './index-samples.js';

const FRESH = START.epoch + 1;
const AT_FRESH: Position = { epoch: FRESH, mode: 'follow', next: 77n, applyNext: '' };
const LOADED: LoadedType = { districtId: D, entityType: 'users', ids: 3, digest: digestOf(['a', 'b']) };

async function load(
  index: RosterIndex,
  ids: readonly string[],
  { epoch = FRESH, first = true, entry = entryOf, districtId = D, active = ids } = {},
): Promise<void> {
  const entries = ids.map((gg4lId) => ({ gg4lId, entry: entry(gg4lId) }));
  await index.load(P, epoch, districtId, 'users', entries, { first, digest: digestOf(active) });
}

/** Two active ids and an archived one. */
async function loaded(index: RosterIndex): Promise<void> {
  await load(index, ['a', 'b']);
  await load(index, ['z'], { first: false, entry: archivedOf, active: ['a', 'b'] });
}

async function entriesAt(
  index: RosterIndex,
  ids: readonly string[],
): Promise<readonly (IndexEntry | null)[]> {
  const { groups } = await index.read(P, [], [group('users', ids)]);
  return groups[0]?.entries ?? [];
}

async function activeIds(index: RosterIndex, epoch: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const chunk of index.unseen(P, epoch, group('users', []))) {
    ids.push(...chunk.map(({ gg4lId }) => gg4lId));
  }
  return ids.sort();
}

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
    await index.load(P, FRESH, D, 'users', entries, options);
    await index.load(P, FRESH, D, 'orgs', entries, options);
    await index.load(P, FRESH, 'other', 'users', entries, options);
    await index.load(P + 1, FRESH, D, 'users', entries, options);
    await index.load(P, FRESH + 1, D, 'users', entries, options);
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

export function promiseForgottenEpochs(open: Open): void {
  async function forgetAll(index: RosterIndex, epoch: number): Promise<void> {
    for (let calls = 0; await index.forgetEpochs(P, epoch); calls += 1) expect(calls).toBeLessThan(1_000);
  }

  /** Epochs 6 (dead), 7 (live, or dead behind 8) and 8 (loaded) of one partition, and the same of another. */
  async function threeEpochs(open: Open): Promise<RosterIndex> {
    const index = await open();
    for (const epoch of [6, 7, 8]) {
      await load(index, ['a', 'b'], { epoch });
      await load(index, ['z'], { epoch, first: false, entry: archivedOf, active: ['a', 'b'] });
    }
    await index.load(P + 1, 6, D, 'users', [{ gg4lId: 'a', entry: entryOf('a') }], {
      first: true,
      digest: digestOf(['a']),
    });
    expect(await index.install(P, { ...START, epoch: 7 }, [LOADED])).toBe(true);
    return index;
  }

  it('removes what is below the live epoch, and leaves the live and the higher ones', async () => {
    const index = await threeEpochs(open);
    await forgetAll(index, 7);
    expect(await activeIds(index, 6)).toEqual([]);
    expect(await activeIds(index, 7)).toEqual(['a', 'b']);
    expect((await index.read(P, [D], [])).districts.get(D)?.digests.users).toEqual(digestOf(['a', 'b']));
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(true);
  });

  it('leaves the other partitions alone', async () => {
    const index = await threeEpochs(open);
    await forgetAll(index, 7);
    const one: LoadedType = { districtId: D, entityType: 'users', ids: 1, digest: digestOf(['a']) };
    expect(await index.install(P + 1, { ...START, epoch: 6 }, [one])).toBe(true);
  });

  it('removes the marks and worklists of a dead epoch too', async () => {
    const index = await threeEpochs(open);
    const at = { ...START, epoch: 7 };
    const marks = { generation: 4, types: [{ entityType: 'users' as const, seen: ['a'], withdrawn: [] }] };
    expect(await index.write(P, at, at, [{ districtId: D, marks }])).toBe(true);
    expect(await activeIds(index, 7)).toEqual(['b']);
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(true);
    await forgetAll(index, FRESH);
    expect(await activeIds(index, 7)).toEqual([]);
  });

  it.each([
    ['is below that epoch: after a roll-back they are the live ones', { ...START, epoch: 7 }],
    ['was lost', null],
  ])('removes nothing while the position %s', async (_, position) => {
    const index = position === null ? await open() : await threeEpochs(open);
    if (position === null) await loaded(index);
    await forgetAll(index, position === null ? FRESH + 1 : 8);
    if (position === null) expect(await index.install(P, AT_FRESH, [LOADED])).toBe(true);
    else expect(await activeIds(index, 7)).toEqual(['a', 'b']);
  });

  it('tells epochs apart as numbers', async () => {
    const index = await open();
    await load(index, ['a'], { epoch: 9 });
    await load(index, ['a'], { epoch: 10 });
    await index.install(P, { ...START, epoch: 10 }, []);
    await forgetAll(index, 10);
    expect(await activeIds(index, 9)).toEqual([]);
    expect(await activeIds(index, 10)).toEqual(['a']);
  });
}
