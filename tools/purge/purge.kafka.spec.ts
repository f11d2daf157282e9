import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeRawMessage } from '#contracts';
import { PostgresRosterStore } from '../../apps/persister/src/roster-store/roster.store.js';
import { WatermarkStore } from '../../apps/persister/src/roster-store/watermark.store.js';
import { Repair } from '../verify/repair.js';
import { Replay } from '../replay/replay.js';
import { SpecGround, until } from '../verify/spec-ground.js';
import { Verification } from '../verify/verification.js';
import { eraseUser } from './erasure.js';
import { DistrictBusyError } from './quiet-district.js';
import { Removal } from './removal.js';

const day = (n: number): number => 1_700_000_000 + n * 86_400;
const ADA = { username: 'ada', orgs: ['north'] };
const SEAT = { user: 'ada', class: 'math', role: 'student' };

describe('what is removed for good', () => {
  let ground: SpecGround;
  let removal: Removal;
  beforeAll(async () => {
    ground = await SpecGround.open();
    removal = new Removal(ground.stores);
    await ground.publish(
      'users',
      { verb: 'created', id: 'old', generation: day(0), attributes: { username: 'old' } },
      { verb: 'archived', id: 'old', generation: day(1), attributes: { username: 'old' } },
      { verb: 'created', id: 'new', generation: day(0), attributes: { username: 'new' } },
      { verb: 'archived', id: 'new', generation: day(9), attributes: { username: 'new' } },
      { verb: 'created', id: 'here', generation: day(0), attributes: { username: 'here' } },
      { verb: 'created', id: 'ada', generation: day(0), attributes: ADA },
    );
    await ground.publish('enrollments', { verb: 'created', id: 's1', generation: day(0), attributes: SEAT });
    await until('the rows are there', async () => {
      const archived = await ground.query('select from roster.users where archived_at is not null');
      return (
        archived.length === 2 && (await ids('users')).length === 4 && (await ids('enrollments')).length === 1
      );
    });
    await ground.wake();
  });
  afterAll(() => ground.close());

  const ids = async (table: string) =>
    (await ground.query(`select gg4l_id from roster.${table} order by 1`)).map(({ gg4l_id }) => gg4l_id);
  const differences = async (type: 'users' | 'enrollments') =>
    (await new Verification(ground.stores).deep(type)).differences.map(({ copy, gg4lId, what }) => [
      copy,
      gg4lId,
      what,
    ]);
  async function indexed(type: 'users' | 'enrollments', id: string): Promise<boolean> {
    const partition = ground.partitionOf(type, id);
    const epoch = (await ground.stores.index.epoch(partition)) ?? 0;
    const place = { partition, epoch, districtId: 'd', entityType: type };
    return (await ground.stores.index.entries(place, [id]))[0] !== null;
  }

  it('is nothing while a run of the district is open', async () => {
    await ground.query(`create schema ledger; create table ledger.districts (district_id text, state text, reason text);
      create table ledger.runs (district_id text, generation bigint, state text, opened_at timestamptz default now());
      insert into ledger.districts values ('d', 'active'); insert into ledger.runs values ('d', ${day(9)}, 'held')`);
    await expect(removal.purge('d', new Date(day(5) * 1000))).rejects.toBeInstanceOf(DistrictBusyError);
    expect(await ids('users')).toContain('old');
    await ground.query(`update ledger.runs set state = 'completed'`);
  });

  it('is what was archived before that time, with its history, index entry and place in the topic, and nothing else', async () => {
    expect(await removal.purge('d', new Date(day(5) * 1000))).toEqual({ users: 1 });
    expect(await ids('users')).toEqual(['ada', 'here', 'new']);
    expect(await ids('history')).not.toContain('old');
    expect([await indexed('users', 'old'), await indexed('users', 'new')]).toEqual([false, true]);
    expect(await differences('users')).toEqual([]);
    expect(await removal.purge('d', new Date(day(5) * 1000))).toEqual({});
  });

  it('is not a record that came back in the meantime', async () => {
    const here = { gg4lId: 'here', partition: ground.partitionOf('users', 'here'), generation: day(0) };
    const removed = await removal.quietly('d', (district) =>
      removal.remove(district, 'users', [here], { what: 'archived' }),
    );
    expect(removed).toEqual([]);
    expect(await ids('users')).toContain('here');
    expect(await indexed('users', 'here')).toBe(true);
  });

  it('is let go only when nothing more is sent, also where one partition fails', async () => {
    const ids = [0, 1].map((partition) =>
      ['p', 'q', 'r', 's', 't', 'v'].find((id) => ground.partitionOf('users', id) === partition),
    );
    const rows = ids.map((id = '', partition) => ({ gg4lId: id, partition, generation: day(0) }));
    const { stores } = ground;
    const happened: string[] = [];
    const publish = async (_topic: string, [message]: readonly { readonly partition: number }[]) => {
      if (message?.partition === 0) throw new Error('no leader');
      for (let look = 0; look < 100; look += 1) await stores.index.epoch(1); // slower than the failure
      happened.push('sent');
    };
    const failing = Object.create(stores, { publisher: { value: { publish } } }) as typeof stores;
    const half = new Removal(failing);
    const removing = half.quietly('d', (district) => half.remove(district, 'users', rows, { what: 'any' }));
    await expect(removing).rejects.toThrow('no leader');
    happened.push('let go');
    expect(happened).toEqual(['sent', 'let go']);
  });

  it('is of a person at once what the rows say, while a run is open; the rest when it is closed', async () => {
    await ground.query(`update ledger.runs set state = 'reading'`);
    await expect(eraseUser(removal, 'd', 'ada')).rejects.toBeInstanceOf(DistrictBusyError);
    expect(await ground.query(`select username, orgs from roster.users where gg4l_id = 'ada'`)).toEqual([
      { username: null, orgs: null },
    ]);
    expect(await ground.query(`select "user", class from roster.enrollments`)).toEqual([
      { user: null, class: null },
    ]);
    // What that run had read already is published, and kept empty.
    await ground.publish('enrollments', { verb: 'created', id: 's2', generation: day(10), attributes: SEAT });
    await until('it is read', async () => (await ids('enrollments')).length === 2);
    await ground.query(`update ledger.runs set state = 'completed'`);
  });

  it('is not brought back by a repair: what is kept empty is no difference, and what is not is emptied', async () => {
    const inTable = async () => (await differences('enrollments')).filter(([copy]) => copy === 'table');
    const repair = new Repair(ground.stores, 'spec');
    const s2 = { partition: ground.partitionOf('enrollments', 's2'), districtId: 'd', gg4lId: 's2' };
    const mend = async () => {
      const [row] = await ground.stores.rows.some('enrollments', [s2]);
      if (row === undefined) throw new Error('s2 has a row');
      const found = { copy: 'table', entityType: 'enrollments', what: 'contents' } as const;
      await repair.mend([{ ...s2, ...found, version: row.version }]);
    };
    const seats = () =>
      ground.query(`select gg4l_id, "user", class, role from roster.enrollments order by 1`);
    const empty = ['s1', 's2'].map((id) => ({ gg4l_id: id, user: null, class: null, role: null }));
    expect([await inTable(), await seats()]).toEqual([[], empty]);
    await mend();
    expect([await inTable(), await seats()]).toEqual([[], empty]);
    await ground.query(`update roster.enrollments set "user" = 'ada', class = 'math', role = 'student'`);
    const full = ['s1', 's2'].map((id) => ['table', id, 'contents']);
    expect((await inTable()).sort()).toEqual(full);
    const { differences: found } = await new Verification(ground.stores).deep('enrollments');
    await repair.mend(found.filter(({ copy }) => copy === 'table'));
    expect([await inTable(), await seats()]).toEqual([[], empty]);
  });

  it('is a person everywhere, though the district still shares them, and every copy is equal to its watermark', async () => {
    const receipt = await eraseUser(removal, 'd', 'ada');
    expect(receipt).toMatchObject({
      complete: true,
      districtId: 'd',
      fromNowOn: 'left out of every snapshot until released',
    });
    expect(receipt.records.map(({ entityType }) => entityType).sort()).toEqual([
      'demographics',
      'enrollments',
      'enrollments',
      'users',
    ]);
    expect(JSON.stringify(receipt)).not.toMatch(/"(ada|s1|s2)"/);
    expect([await ids('users'), await ids('enrollments')]).toEqual([['here', 'new'], []]);
    expect(await indexed('users', 'ada')).toBe(false);
    expect(await indexed('enrollments', 's1')).toBe(false);
    expect(await ids('history')).not.toEqual(expect.arrayContaining(['ada']));
    expect(await ids('history')).not.toEqual(expect.arrayContaining(['s1']));
    expect([...(await differences('users')), ...(await differences('enrollments'))]).toEqual([]);
    const partition = ground.partitionOf('users', 'ada');
    await until('the watermark behind it is passed', async () => {
      const passed = await ground.query(
        `select from roster.watermarks where entity_type = 'users' and partition = ${partition} and generation = ${day(9)}`,
      );
      return passed.length === 1;
    });
    const { reader, topics, database, config } = ground.stores;
    const replay = new Replay(
      reader,
      new PostgresRosterStore(database),
      new WatermarkStore(database, config),
    );
    const place = { topic: topics.changes.users, entityType: 'users', partition } as const;
    expect(await replay.run(place)).toMatchObject({ written: 0, drifted: [], passed: 1, unusable: 0 });
  });

  it('is a person whom neither a repeat, a replay nor a rebuilt index brings back', async () => {
    const replayed = { verb: 'created', id: 'ada', generation: day(0), attributes: ADA } as const;
    await ground.publish('users', replayed, { verb: 'created', id: 'last', generation: day(12) });
    await until('it is read', async () => (await ids('users')).includes('last'));
    expect(await ids('users')).toEqual(['here', 'last', 'new']);
    expect((await eraseUser(removal, 'd', 'ada')).complete).toBe(true);
    const epochsNow = () =>
      Promise.all(ground.stores.partitions.map((one) => ground.stores.index.epoch(one)));
    const before = (await epochsNow()).map((epoch) => epoch ?? 0);
    for (const [partition, epoch] of before.entries()) {
      const value = encodeRawMessage({ kind: 'fence', epoch: epoch + 1, author: 'spec' });
      await ground.stores.publisher.append(ground.stores.topics.raw, { partition, key: null, value });
    }
    await until('every index is folded anew', async () => {
      const now = await epochsNow();
      return before.every((epoch, at) => (now[at] ?? 0) > epoch);
    });
    expect([await indexed('users', 'ada'), await indexed('users', 'last')]).toEqual([false, true]);
    expect(await differences('users')).toEqual([]);
    expect(await ids('users')).toEqual(['here', 'last', 'new']);
  });

  it('comes again when it was released', async () => {
    expect(await removal.rows.release('d', 'ada')).toBeGreaterThan(1);
    await ground.publish('users', { verb: 'created', id: 'ada', generation: day(13), attributes: ADA });
    await until('it is there', async () => (await ids('users')).includes('ada'));
    expect(await ground.query(`select username from roster.users where gg4l_id = 'ada'`)).toEqual([
      { username: 'ada' },
    ]);
  });
});
