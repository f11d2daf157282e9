import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Health, ServiceLog } from '#service';
import { Relay } from '../../../../libs/service/test/relay.js';
import { PersisterConfig } from '../persister.config.js';
import { RosterDatabase } from './roster-database.js';
import { openScratchRoster, serverUrl, type ScratchRoster } from './scratch-roster.js';

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

  it('end a transaction whose answer never comes, keep nothing of it, and go on with another', async () => {
    const { relay, url } = await Relay.before(serverUrl());
    const config = new PersisterConfig();
    config.DATABASE_URL = url;
    config.ROLLCALL_NAMESPACE = scratch.namespace;
    const database = new RosterDatabase(config, new ServiceLog('persister', 'error'), new Health(), 300);
    const unanswered = database.transaction(async (statements) => {
      await statements.query(`insert into roster.orgs (district_id, gg4l_id) values ('d', 'half')`);
      relay.silence();
      await statements.query('select 1');
    });
    await expect(unanswered).rejects.toThrow('Query read timeout');
    expect(await database.read('select gg4l_id from roster.orgs', [])).toEqual([]);
    await database.onApplicationShutdown();
    await relay.close();
  });

  it('end a transaction whose process stands still, so that nobody waits for what it holds', async () => {
    const config = new PersisterConfig();
    config.DATABASE_URL = serverUrl();
    config.ROLLCALL_NAMESPACE = scratch.namespace;
    const log = new ServiceLog('persister', 'error');
    const database = new RosterDatabase(config, log, new Health(), undefined, 200);
    const insert = `insert into roster.orgs (district_id, gg4l_id) values ('d', 'held')`;
    const still = database.transaction(async (statements) => {
      await statements.query(insert);
      await scratch.query(insert);
      await statements.query('select 1');
    });
    await expect(still).rejects.toThrow();
    expect(await database.read('select gg4l_id from roster.orgs', [])).toEqual([{ gg4l_id: 'held' }]);
    await database.onApplicationShutdown();
  });
});
