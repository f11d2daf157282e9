import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

const operations = readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
const [emptying = ''] = /^ {4}truncate roster\.[^;]+;/m.exec(operations) ?? [];

/** Who was erased, who may read which district, and how far migrations are. */
const STAYS = ['definitions', 'district_readers', 'migrations', 'suppressions'];

describe('starting anew, as operations.md says it', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  it('empties every table but the list of the erased and what is not about records', async () => {
    await scratch.query(`insert into roster.suppressions (district_id, entity_type, record_hash, user_hash, receipt)
      values ('d', 'users', '\\x00', '\\x00', 'receipt')`);
    await scratch.query(`insert into roster.users (district_id, gg4l_id) values ('d', 'ada')`);
    await scratch.query(emptying);
    const tables = await scratch.query(`select c.relname as name from pg_class c
      where c.relnamespace = 'roster'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`);
    const emptied = [...emptying.matchAll(/roster\.(\w+)/g)].map(([, name]) => name);
    expect(tables.map(({ name }) => name)).toEqual([...emptied, ...STAYS].sort());
    expect(await scratch.query('select gg4l_id from roster.users')).toEqual([]);
    expect(await scratch.query('select district_id from roster.suppressions')).toEqual([
      { district_id: 'd' },
    ]);
  });
});
