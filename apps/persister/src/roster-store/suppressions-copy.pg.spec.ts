import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RemovalStore } from './removal.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';
import { copySuppressions } from './suppressions-copy.js';

describe('the list of the erased, copied to another database', () => {
  let from: ScratchRoster;
  let to: ScratchRoster;
  beforeAll(async () => {
    from = await openScratchRoster();
    to = await openScratchRoster();
  });
  afterAll(async () => {
    await from.close();
    await to.close();
  });

  const list = (of: ScratchRoster) =>
    of.query('select * from roster.suppressions order by entity_type, record_hash');

  it('is there as it was, however often it is copied', async () => {
    await new RemovalStore(from.database).suppressUser('d', 'ada', 'a receipt', ['s1']);
    for (let times = 0; times < 2; times += 1) {
      await copySuppressions(from.database, to.database);
      expect(await list(to)).toEqual(await list(from));
    }
    expect(await list(to)).toHaveLength(3);
  });

  it('forgets as much as either of the two, and takes nobody off', async () => {
    await new RemovalStore(to.database).suppressUser('d', 'bob', 'another', []);
    await from.query(`update roster.suppressions set forgotten_to = 7 where entity_type = 'users'`);
    await to.query(`update roster.suppressions set forgotten_to = 9 where entity_type = 'enrollments'`);
    await copySuppressions(from.database, to.database);
    const forgotten = await to.query(
      `select entity_type, forgotten_to::int from roster.suppressions where receipt = 'a receipt' order by 1`,
    );
    expect(forgotten.map((row) => Object.values(row))).toEqual([
      ['demographics', -1],
      ['enrollments', 9],
      ['users', 7],
    ]);
    expect(await list(to)).toHaveLength(5);
  });
});
