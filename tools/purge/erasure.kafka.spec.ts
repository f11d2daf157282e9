import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recordHash } from '#contracts';
import { SpecGround, until } from '../verify/spec-ground.js';
import { eraseUser, isOfNobody, type Receipt } from './erasure.js';
import { DistrictBusyError } from './quiet-district.js';
import { Removal } from './removal.js';

const EVE = { districtId: 'd', gg4lId: 'eve' };
const seatOf = (user: string) => ({ user, class: 'math', role: 'student' });

/** Each case goes on from the one before. */
describe('an erasure', () => {
  let ground: SpecGround;
  beforeAll(async () => {
    ground = await SpecGround.open();
    await ground.query(`create schema ledger; create table ledger.districts (district_id text, state text, reason text);
      create table ledger.runs (district_id text, generation bigint, state text, opened_at timestamptz default now());
      insert into ledger.districts values ('d', 'active'); insert into ledger.runs values ('d', 5, 'completed')`);
    await ground.publish(
      'users',
      { verb: 'created', id: 'ada', generation: 5, attributes: { username: 'ada' } },
      { verb: 'created', id: 'bob', generation: 5, attributes: { username: 'bob' } },
    );
    await ground.publish(
      'enrollments',
      { verb: 'created', id: 's1', generation: 5, attributes: seatOf('ada') },
      { verb: 'created', id: 'other', generation: 5, attributes: seatOf('bob') },
    );
    await until(
      'the rows are there',
      async () =>
        (await seats()).length === 2 && (await ground.query('select from roster.users')).length === 2,
    );
    await ground.wake();
  });
  afterAll(() => ground.close());

  const seats = async () =>
    (await ground.query('select gg4l_id from roster.enrollments order by 1')).map(({ gg4l_id }) => gg4l_id);

  /** Stores whose reading of a range that holds something is told of. */
  function toldOf(read: (topic: string) => Promise<void>) {
    const { stores } = ground;
    const reader = Object.create(stores.reader) as typeof stores.reader;
    reader.read = async function* (topic, partition, from, to) {
      if (from < to) await read(topic);
      yield* stores.reader.read(topic, partition, from, to);
    };
    return Object.create(stores, { reader: { value: reader } }) as typeof stores;
  }

  it('reads no topic for nothing while a run is open', async () => {
    await ground.query(`update ledger.runs set state = 'held'`);
    const read: string[] = [];
    const removal = new Removal(toldOf(async (topic) => void read.push(topic)));
    await expect(eraseUser(removal, 'd', 'ada')).rejects.toBeInstanceOf(DistrictBusyError);
    expect(read).toEqual([]);
    await ground.query(`update ledger.runs set state = 'completed'`);
  });

  it('holds nobody up while it reads the topic, and takes what came meanwhile as well', async () => {
    const whileFree: boolean[] = [];
    const stores = toldOf(async () => {
      const free = await ground.query('select from ledger.districts for update skip locked');
      whileFree.push(free.length === 1);
      if (whileFree.length > 1) return;
      const late = { verb: 'created', id: 's2', generation: 6, attributes: seatOf('ada') } as const;
      await ground.publish('enrollments', late);
    });
    const receipt = await eraseUser(new Removal(stores), 'd', 'ada');
    expect(receipt.complete).toBe(true);
    expect(receipt.records.filter(({ entityType }) => entityType === 'enrollments')).toHaveLength(2);
    expect(whileFree.length).toBeGreaterThan(1);
    expect(whileFree).not.toContain(false);
    await until('what came late is read', async () => String(await seats()) === 'other');
  });

  const statesOf = ({ records }: Receipt) =>
    Object.fromEntries(records.map(({ entityType, state }) => [entityType, state]));

  it('tells apart what was there and what was not', async () => {
    const receipt = await eraseUser(new Removal(ground.stores), 'd', 'bob');
    const states = { users: 'forgotten', demographics: 'not found', enrollments: 'forgotten' };
    expect([statesOf(receipt), receipt.complete, isOfNobody(receipt)]).toEqual([states, true, false]);
  });

  it('says the same of a person when it is asked for again', async () => {
    const receipt = await eraseUser(new Removal(ground.stores), 'd', 'bob');
    expect([statesOf(receipt).users, isOfNobody(receipt)]).toEqual(['forgotten', false]);
  });

  it('says of an id that nobody has, however often, that it was not found, and keeps it on the list', async () => {
    for (let times = 0; times < 2; times += 1) {
      const receipt = await eraseUser(new Removal(ground.stores), 'd', 'bbo');
      const states = { users: 'not found', demographics: 'not found' };
      expect([statesOf(receipt), receipt.complete, isOfNobody(receipt)]).toEqual([states, true, true]);
    }
    const hash = recordHash('d', 'users', 'bbo').toString('hex');
    const listed = `select from roster.suppressions where encode(record_hash, 'hex') = '${hash}'`;
    expect(await ground.query(listed)).toHaveLength(1);
  });

  it('finds whom only the topic knows', async () => {
    const { stores } = ground;
    await ground.publish('users', { verb: 'created', id: 'eve', generation: 5 });
    await until('it is read', async () => (await stores.rows.some('users', [EVE])).length === 1);
    await ground.query(`delete from roster.users where gg4l_id = 'eve'`);
    const receipt = await eraseUser(new Removal(stores), 'd', 'eve');
    expect(statesOf(receipt)).toMatchObject({ users: 'forgotten', demographics: 'not found' });
  });

  it('is not of nobody where a dead letter named the id', async () => {
    await ground.query(
      `insert into roster.dead_letters (id, district_id, gg4l_id, reason) values ('x', 'd', 'zoe', 'x')`,
    );
    const receipt = await eraseUser(new Removal(ground.stores), 'd', 'zoe');
    expect([receipt.deadLetters, isOfNobody(receipt)]).toEqual([1, false]);
  });
});
