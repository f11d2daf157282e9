import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SpecGround, until } from '../verify/spec-ground.js';
import { Repair } from '../verify/repair.js';
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
    await ground.query(`create schema ledger;
      create table ledger.districts (district_id text); create table ledger.runs (district_id text, generation bigint, state text);
      insert into ledger.districts values ('d'); insert into ledger.runs values ('d', 7, 'held')`);
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
    const partition = ground.partitionOf('users', 'here');
    expect(await removal.remove('users', 'd', [{ gg4lId: 'here', partition, generation: day(0) }])).toBe(0);
    expect(await ids('users')).toContain('here');
    expect(await indexed('users', 'here')).toBe(true);
  });

  it('is of a person who is still shared all that the rows say; the rest follows when it is archived', async () => {
    const receipt = await eraseUser(ground.stores, removal, 'd', 'ada');
    expect(receipt).toMatchObject({ complete: false, districtId: 'd' });
    expect(JSON.stringify(receipt)).not.toContain('ada');
    expect(await ground.query(`select username, orgs from roster.users where gg4l_id = 'ada'`)).toEqual([
      { username: null, orgs: null },
    ]);
    await ground.publish(
      'users',
      { verb: 'updated', id: 'ada', generation: day(10), attributes: { username: 'again' } },
      { verb: 'updated', id: 'here', generation: day(10), attributes: { username: 'there' } },
    );
    await ground.publish('enrollments', { verb: 'created', id: 's2', generation: day(10), attributes: SEAT });
    await until('they are read', async () => {
      const rows = await ground.query(`select from roster.users where generation = ${day(10)}`);
      return rows.length === 2 && (await ids('enrollments')).length === 2;
    });
    expect(await ground.query(`select username from roster.users where gg4l_id = 'ada'`)).toEqual([
      { username: null },
    ]);
    expect(await ground.query(`select "user", class from roster.enrollments`)).toEqual([
      { user: null, class: null },
      { user: null, class: null },
    ]);
    expect((await differences('users')).filter(([copy]) => copy === 'table')).toEqual([]);
  });

  it('is a person everywhere once archived, and neither a replay nor a repair brings anything back', async () => {
    await ground.publish('users', { verb: 'archived', id: 'ada', generation: day(11), attributes: ADA });
    await until('it is archived', async () => {
      const rows = await ground.query(
        `select from roster.users where gg4l_id = 'ada' and archived_at is not null`,
      );
      return rows.length === 1;
    });
    // The events of this spec went past the reconciler: it folds them anew.
    await new Repair(ground.stores, 'spec').mend(
      (await new Verification(ground.stores).deep('users')).differences,
    );
    await eraseUser(ground.stores, removal, 'd', 'ada');
    expect(await ids('users')).toEqual(['here', 'new']);
    expect(await indexed('users', 'ada')).toBe(false);
    expect(await ids('history')).not.toContain('ada');
    const replayed = { verb: 'created', id: 'ada', generation: day(0), attributes: ADA } as const;
    await ground.publish('users', replayed, { verb: 'created', id: 'last', generation: day(12) });
    await until('it is read', async () => (await ids('users')).includes('last'));
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
