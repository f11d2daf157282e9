import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { columnsOf, tableOf } from './columns.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/index.js';
import {
  dropNamespace,
  openScratchRoster,
  scratchNamespace,
  serverUrl,
  type ScratchRoster,
} from './scratch-roster.js';

describe('migrating the roster', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  it('applies everything once when several do it at once on a server without the database', async () => {
    const namespace = scratchNamespace();
    try {
      const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(serverUrl(), namespace)));
      expect(applied.flat().sort()).toEqual(MIGRATIONS.map(({ name }) => name).sort());
      expect(await migrate(serverUrl(), namespace)).toEqual([]);
    } finally {
      await dropNamespace(namespace);
    }
  });

  it.each(ENTITY_TYPES)('gives %s a column for every attribute, of its type', async (type) => {
    const rows = await scratch.query(
      `select attname as name, format_type(atttypid, null) as type, attnotnull as required
       from pg_attribute where attrelid = $1::regclass and attnum > 0`,
      [tableOf(type)],
    );
    const found = new Map(rows.map(({ name, type: sqlType }) => [name, sqlType]));
    const attributes = columnsOf(type).map(({ name, sqlType }) => [name, sqlType]);
    expect(attributes.map(([name]) => [name, found.get(name)])).toEqual(attributes);
    const kept =
      'district_id gg4l_id generation epoch partition log_offset fingerprint archived_at archive_cause';
    const others = [...kept.split(' '), 'first_seen_at', 'changed_at', 'date_last_modified'];
    expect([...found.keys()].sort()).toEqual([...attributes.map(([name]) => name), ...others].sort());
    expect(rows.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      'district_id',
      'gg4l_id',
    ]);
  });
});
