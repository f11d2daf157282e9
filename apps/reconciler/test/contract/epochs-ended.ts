/* An epoch ends when its keys are removed: those of the live one never are. */
import { expect, it } from '@jest/globals';
import type { LoadedType } from '../../src/reconciliation/index-state.js';
import type { RosterIndex } from '../../src/reconciliation/ports.js';
import { activeIds, AT_FRESH, FRESH, load, loaded, LOADED } from './epoch-samples.js';
import { START, archivedOf, D, digestOf, entryOf, P, type Open } from './index-samples.js';

export function promiseForgottenEpochs(open: Open): void {
  async function forgetAll(index: RosterIndex, epoch: number): Promise<void> {
    for (let calls = 0; await index.forgetEpochs(P, epoch); calls += 1) expect(calls).toBeLessThan(1_000);
  }

  /** Epochs 6 (dead), 7 (live, or dead behind 8) and 8 (loaded) of one partition, and the same of another. */
  async function threeEpochs(open: Open): Promise<RosterIndex> {
    const index = await open();
    const whole = async (epoch: number): Promise<void> => {
      await load(index, ['a', 'b'], { epoch });
      await load(index, ['z'], { epoch, first: false, entry: archivedOf, active: ['a', 'b'] });
    };
    await whole(7);
    await whole(6);
    await index.load(P + 1, 6, D, 'users', [{ gg4lId: 'a', entry: entryOf('a') }], {
      first: true,
      digest: digestOf(['a']),
    });
    expect(await index.install(P, { ...START, epoch: 7 }, [LOADED])).toBe(true);
    await whole(8);
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
    expect(await activeIds(index, 7, { seen: 1, withdrawn: 0 })).toEqual(['b']);
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
    await load(index, ['a'], { epoch: 10 });
    await load(index, ['a'], { epoch: 9 });
    await index.install(P, { ...START, epoch: 10 }, []);
    await forgetAll(index, 10);
    expect(await activeIds(index, 9)).toEqual([]);
    expect(await activeIds(index, 10)).toEqual(['a']);
  });
}

/** A rebuild that did not come to its end leaves keys, which nothing else removes while there is no position. */
export function promiseRoomForLoads(open: Open): void {
  it('comes from what lower epochs left in the partition, also where the position was lost', async () => {
    const index = await open();
    await load(index, ['a', 'b'], { epoch: FRESH - 2 });
    await load(index, ['a', 'b'], { epoch: FRESH - 1 });
    await loaded(index);
    expect(await activeIds(index, FRESH - 2)).toEqual([]);
    expect(await activeIds(index, FRESH - 1)).toEqual([]);
    expect(await index.install(P, AT_FRESH, [LOADED])).toBe(true);
  });

  it('comes from there also where the position is of a higher epoch', async () => {
    const index = await open();
    expect(await index.install(P, { ...START, epoch: FRESH + 1 }, [])).toBe(true);
    await load(index, ['a'], { epoch: FRESH + 2 });
    expect(await index.install(P, { ...START, epoch: FRESH + 3 }, [])).toBe(true);
    await load(index, ['a'], { epoch: FRESH + 3 });
    expect(await activeIds(index, FRESH + 2)).toEqual([]);
  });

  it('never comes from other partitions or higher epochs', async () => {
    const index = await open();
    const one = { ids: 1, digest: digestOf(['a']) };
    const entries = [{ gg4lId: 'a', entry: entryOf('a') }];
    await index.load(P + 1, 6, D, 'users', entries, { first: true, digest: one.digest });
    await load(index, ['a'], { epoch: FRESH + 1 });
    await loaded(index);
    expect(await activeIds(index, FRESH + 1)).toEqual(['a']);
    const expected: LoadedType[] = [{ districtId: D, entityType: 'users', ...one }];
    expect(await index.install(P + 1, { ...START, epoch: 6 }, expected)).toBe(true);
  });

  it('is not made while the position is of a lower epoch: a worker may be at that', async () => {
    const index = await open();
    await load(index, ['a', 'b'], { epoch: 7 });
    await load(index, ['a', 'b'], { epoch: 6 });
    const live: LoadedType = { ...LOADED, ids: 2 };
    expect(await index.install(P, { ...START, epoch: 7 }, [live])).toBe(true);
    await load(index, ['a', 'b'], { epoch: 8 });
    expect(await activeIds(index, 6)).toEqual(['a', 'b']);
    expect(await activeIds(index, 7)).toEqual(['a', 'b']);
  });
}
