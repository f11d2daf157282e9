/* Worklists: made in one call, and each id taken from them once. */
import { expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import type { DistrictWrites, Position, StaleRecord } from '../../src/reconciliation/index-state.js';
import { LostMarksError } from '../../src/reconciliation/lost-marks.error.js';
import {
  ANY,
  P,
  D,
  START,
  NEXT,
  NO_MARKS,
  OTHERS,
  opened,
  textOf,
  sweeping,
  allUnseen,
  byId,
  group,
  entryOf,
  archivedOf,
  digestOf,
  chunkOf,
  entriesOf,
  snapshot,
  type Open,
} from './index-samples.js';

export function promiseSweep(open: Open): void {
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
    expect(await allUnseen(index, 5, NO_MARKS)).toEqual(['kept', 'left ß']);
    await index.write(P, position, position, [{ districtId: D, ...entriesOf('users', ['gone']) }]);
    expect(await allUnseen(index, 5, NO_MARKS)).toEqual(['gone', 'kept', 'left ß']);
  });

  it('starts anew from what is active now', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users']);
    const marks = { generation: 4, types: [{ entityType: 'users' as const, seen: ['gone'], withdrawn: [] }] };
    await index.write(P, position, position, [{ districtId: D, marks }]);
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: [], atMost: ANY };
    await index.write(P, position, position, [{ districtId: D, startSweep }]);
    const stale = await index.stale(P, 7, group('users', []), 10);
    expect(stale.map(({ gg4lId }) => gg4lId)).toEqual(['left ß']);
  });

  it('its worklist is, of a type to refresh alone, every indexed id that was not seen, and what is archived also if it was', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users', 'orgs']);
    expect(await index.archive(P, position, chunkOf(['gone']))).toBe(1);
    expect(await index.archive(P, position, chunkOf(['gone'], 'orgs'))).toBe(1);
    const types = (['users', 'orgs'] as const).map((entityType) => ({
      ...{ entityType, seen: ['gone'], withdrawn: [] },
    }));
    await index.write(P, position, position, [{ districtId: D, marks: { generation: 4, types } }]);
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: ['users' as const], atMost: ANY };
    expect(await index.write(P, position, position, [{ districtId: D, startSweep }])).toBe(true);
    const stale = async (type: 'users' | 'orgs') => byId(await index.stale(P, 7, group(type, []), 10));
    expect(await stale('users')).toEqual([
      { gg4lId: 'gone', entry: archivedOf('gone'), withdrawn: false },
      { gg4lId: 'left ß', entry: entryOf('left ß'), withdrawn: true },
    ]);
    expect((await stale('orgs')).map(({ gg4lId }) => gg4lId)).toEqual(['left ß']);
  });

  it('an id that was archived before leaves the digest and the counts alone, and is taken once', async () => {
    const index = await opened(open);
    const position = await sweeping(index, ['users']);
    await index.archive(P, position, chunkOf(['gone']));
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: ['users' as const], atMost: ANY };
    await index.write(P, position, position, [{ districtId: D, startSweep }]);
    const before = await index.read(P, [D], []);
    const again = chunkOf(['gone']);
    const records = again.records.map((record) => ({ ...record, entry: { ...record.entry, generation: 9 } }));
    expect(await index.archive(P, position, { ...again, records })).toBe(1);
    expect(await index.archive(P, position, { ...again, records })).toBe(0);
    const view = await index.read(P, [D], [group('users', ['gone'])]);
    expect(view.districts.get(D)).toEqual(before.districts.get(D));
    expect(view.groups[0]?.entries).toEqual([{ ...archivedOf('gone'), generation: 9 }]);
  });

  it('takes a refreshed worklist of more ids than one call of Redis passes on', async () => {
    const index = await opened(open);
    const ids = Array.from({ length: 9_001 }, (_, i) => `id ${String(i)}`);
    await index.write(P, START, NEXT, [
      { districtId: D, snapshot: snapshot(4, 'planned'), ...entriesOf('users', ids) },
    ]);
    const startSweep = { generation: 4, phase: 'planned' as const, refresh: ['users' as const], atMost: ANY };
    await index.write(P, NEXT, NEXT, [{ districtId: D, startSweep }]);
    expect(await index.stale(P, 7, group('users', []), 10_000)).toHaveLength(9_001);
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

export function promiseUnseen(open: Open): void {
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
    for await (const chunk of index.unseen(P, 7, group('users', []), { seen: 4_000, withdrawn: 1 })) {
      expect(chunk.length).toBeLessThanOrEqual(2_000);
      records.push(...chunk);
    }
    const expected = ids
      .slice(4_000)
      .map((id) => ({ gg4lId: id, entry: entryOf(id), withdrawn: id === 'id 9000' }));
    const [found, wanted] = [byId(records), byId(expected)];
    expect(found.map(({ gg4lId }) => gg4lId)).toEqual(wanted.map(({ gg4lId }) => gg4lId));
    expect(textOf(found.map(({ entry }) => entry))).toBe(textOf(wanted.map(({ entry }) => entry)));
    expect(found.filter(({ withdrawn }) => withdrawn).map(({ gg4lId }) => gg4lId)).toEqual(['id 9000']);
    expect(await allUnseen(index, 4, { seen: 4_000, withdrawn: 1 })).toHaveLength(5_001);
  });

  it('changes neither worklists nor marks', async () => {
    const index = await opened(open);
    await sweeping(index, ['users']);
    expect(await allUnseen(index, 4, { seen: 1, withdrawn: 1 })).toEqual(['gone', 'left ß']);
    expect(await index.stale(P, 7, group('users', []), 10)).toHaveLength(2);
    const { groups } = await index.read(P, [], [group('users', ['kept', 'left ß'])]);
    expect(groups[0]?.marked).toEqual(['seen', 'withdrawn']);
  });

  it.each([
    ['one mark of what was seen is lost', { seen: 2, withdrawn: 1 }],
    ['one mark of what was seen was not made', { seen: 0, withdrawn: 1 }],
    ['one mark of what was withdrawn is lost', { seen: 1, withdrawn: 2 }],
  ])('gives nobody where %s', async (_name, marked) => {
    const index = await opened(open);
    await sweeping(index, ['users']);
    await expect(allUnseen(index, 4, marked)).rejects.toThrow(LostMarksError);
  });
}
