import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { foldChanges, type ForgottenRow } from '#roster-consumer';
import { sampleEntries } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { toSnakeCase } from './columns.js';
import { roleName } from './migrations/roles.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';
import { takeAway } from './take-away.js';

describe('a tombstone', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    const store = new PostgresRosterStore(scratch.database);
    for (const type of ENTITY_TYPES) {
      const changes = ['a', 'b'].map(
        (id) => ({ verb: 'created', id, generation: 1, district: 'd' }) as const,
      );
      const entries = sampleEntries(type, changes).filter((entry) => entry.kind === 'change');
      await store.write(type, 0, foldChanges(entries), []);
    }
    await scratch.query(`insert into roster.watermarks (district_id, entity_type, partition, generation, epoch, partitions)
      select d, 'users', p, 1, 1, 2 from unnest(array['d', 'e']) as d, unnest(array[0, 1]) as p`);
  });
  afterAll(() => scratch.close());

  const ids = async (table: string, where = 'true') =>
    (await scratch.query(`select gg4l_id from roster.${table} where ${where} order by 1`)).map(
      ({ gg4l_id }) => gg4l_id,
    );
  /** As the persister is allowed to. */
  const take = (type: (typeof ENTITY_TYPES)[number], partition: number, ...forgotten: ForgottenRow[]) =>
    scratch.database.transaction(async (statements) => {
      await statements.query(`set local role ${roleName(scratch.namespace, 'persister')}`);
      await takeAway(statements, type, partition, forgotten);
    });

  it.each(ENTITY_TYPES)('takes row and history of its record in %s, and of no other', async (type) => {
    const row = { districtId: 'd', gg4lId: 'a', offset: 9n };
    const table = toSnakeCase(type);
    await take(type, 1, row);
    await take(type, 0, { ...row, districtId: 'e' }, { ...row, offset: 0n });
    expect(await ids(table)).toEqual(['a', 'b']);
    expect(await ids('history', `entity_type = '${type}'`)).toEqual(['a', 'b']);
    await take(type, 0, row);
    await take(type, 0, row);
    expect(await ids(table)).toEqual(['b']);
    expect(await ids('history', `entity_type = '${type}'`)).toEqual(['b']);
  });

  it('of a watermark takes what is known of its district in its partition', async () => {
    await take('users', 0, { districtId: 'd', offset: 9n });
    await take('orgs', 1, { districtId: 'd', offset: 9n });
    const left = await scratch.query(
      'select district_id as d, partition as p from roster.watermarks order by 1, 2',
    );
    expect(left).toEqual([
      { d: 'd', p: 1 },
      { d: 'e', p: 0 },
      { d: 'e', p: 1 },
    ]);
  });

  it('takes no watermark that lies behind it, however often it is met', async () => {
    await scratch.query(`insert into roster.watermarks
        (district_id, entity_type, partition, generation, epoch, partitions, log_offset)
      values ('back', 'users', 0, 2, 1, 1, 20), ('gone', 'users', 0, 2, 1, 1, 6), ('old', 'users', 0, 2, 1, 1, null)`);
    await take('users', 0, ...['back', 'gone', 'old'].map((districtId) => ({ districtId, offset: 7n })));
    const left = `select district_id from roster.watermarks where district_id in ('back', 'gone', 'old')`;
    expect(await scratch.query(left)).toEqual([{ district_id: 'back' }]);
    await take('users', 0, { districtId: 'back', offset: 21n });
    expect(await scratch.query(left)).toEqual([]);
  });

  it('is of an entity type, or nothing happens', async () => {
    await expect(scratch.query(`select roster.take_away('history', 0, '{d}', '{b}', '{9}')`)).rejects.toThrow(
      'no entity type',
    );
  });
});
