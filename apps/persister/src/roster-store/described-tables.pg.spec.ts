import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describedTables } from './described-tables.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

/** The persister's own, described where they are made. */
const OWN = ['fences', 'stored_offsets', 'migrations', 'definitions', 'watermarks', 'suppressions'];
const UNDESCRIBED = [...OWN, 'names', 'erased', 'district_readers'];

describe('the comments of schema roster', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  it('say of every table, view and column what the schema source says', async () => {
    const relations = await scratch.query(
      `
      select c.relname as name, case c.relkind when 'v' then 'view' else 'table' end as kind,
        obj_description(c.oid, 'pg_class') as description,
        (select jsonb_agg(jsonb_build_array(a.attname, col_description(c.oid, a.attnum)) order by a.attname)
          from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
      from pg_class c
      where c.relnamespace = 'roster'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
        and not c.relname = any($1) order by 1`,
      [UNDESCRIBED],
    );
    const expected = describedTables().map(({ columns, ...table }) => ({
      ...table,
      columns: [...columns].sort(([a], [b]) => (a < b ? -1 : 1)),
    }));
    expect(relations).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
  });
});
