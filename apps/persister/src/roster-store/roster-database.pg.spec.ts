import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('connections to the roster', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  it('let one that breaks in a transaction through as an error, keep nothing of it, and go on with another', async () => {
    const broken = scratch.database.transaction(async (statements) => {
      await statements.query(`insert into roster.orgs (district_id, gg4l_id) values ('d', 'half')`);
      const { rows } = await statements.query<{ pid: number }>('select pg_backend_pid() as pid');
      await scratch.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await statements.query('select pg_sleep(20)');
    });
    await expect(broken).rejects.toThrow();
    expect(await scratch.query('select gg4l_id from roster.orgs')).toEqual([]);
  });
});
