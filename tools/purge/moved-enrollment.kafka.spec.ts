import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Repair } from '../verify/repair.js';
import { SpecGround, until } from '../verify/spec-ground.js';
import { Verification } from '../verify/verification.js';
import { eraseUser } from './erasure.js';
import { Removal } from './removal.js';

const seat = (user: string) => ({ user, class: 'math', role: 'student' });

describe('an enrollment that was given to somebody else', () => {
  let ground: SpecGround;
  let removal: Removal;
  beforeAll(async () => {
    ground = await SpecGround.open();
    removal = new Removal(ground.stores);
    await ground.publish('users', {
      verb: 'created',
      id: 'ada',
      generation: 1,
      attributes: { username: 'ada' },
    });
    await ground.publish(
      'enrollments',
      { verb: 'created', id: 'moved', generation: 1, attributes: seat('ada') },
      { verb: 'updated', id: 'moved', generation: 2, attributes: seat('ben') },
      { verb: 'created', id: 'hers', generation: 1, attributes: seat('ada') },
    );
    await until('the rows are there', async () => (await users()).length === 2);
    await until('ben has one', async () => JSON.stringify(await users()).includes('ben'));
    await ground.wake();
  });
  afterAll(() => ground.close());

  const users = () => ground.query('select gg4l_id as id, "user" from roster.enrollments order by 1');
  const differences = async () =>
    (await new Verification(ground.stores).deep('enrollments')).differences.filter(
      ({ copy }) => copy === 'table',
    );

  it('stays with them when whoever had it before is erased', async () => {
    const { records, complete } = await eraseUser(removal, 'd', 'ada');
    expect(complete).toBe(true);
    expect(records.filter(({ entityType }) => entityType === 'enrollments')).toHaveLength(1);
    expect(await users()).toEqual([{ id: 'moved', user: 'ben' }]);
    expect(await differences()).toEqual([]);
  });

  it('appears though it is on the list with whoever was erased', async () => {
    await ground.publish('enrollments', {
      verb: 'created',
      id: 'hers',
      generation: 3,
      attributes: seat('ben'),
    });
    await until('it is read', async () => (await users()).length === 2);
    expect(await users()).toContainEqual({ id: 'hers', user: 'ben' });
    expect(await differences()).toEqual([]);
  });

  it('is found and mended where its row was emptied, or lost, by its place on the list', async () => {
    const repaired = async () => {
      await new Repair(ground.stores, 'spec').mend(await differences());
      return [await differences(), (await users()).find(({ id }) => id === 'hers')];
    };
    await ground.query(
      `update roster.enrollments set "user" = null, class = null, role = null where gg4l_id = 'hers'`,
    );
    expect((await differences()).map(({ gg4lId, what }) => [gg4lId, what])).toEqual([['hers', 'contents']]);
    expect(await repaired()).toEqual([[], { id: 'hers', user: 'ben' }]);
    await ground.query(`delete from roster.enrollments where gg4l_id = 'hers'`);
    expect((await differences()).map(({ gg4lId, what }) => [gg4lId, what])).toEqual([['hers', 'missing']]);
    expect(await repaired()).toEqual([[], { id: 'hers', user: 'ben' }]);
  });
});
