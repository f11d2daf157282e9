import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { columnsOf, tableOf } from './columns.js';
import { migrate } from './migrate.js';
import { DEFINITIONS } from './migrations/definitions.js';
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
      const all = [...MIGRATIONS, ...DEFINITIONS].map(({ name }) => name);
      expect(applied.flat().sort()).toEqual(all.sort());
      expect(await migrate(serverUrl(), namespace)).toEqual([]);
    } finally {
      await dropNamespace(namespace);
    }
  });

  it('waits for no lock and writes nothing where nothing is missing', async () => {
    await scratch.database.transaction(async (statements) => {
      await statements.query(
        `select pg_advisory_xact_lock(hashtextextended('rollcall roster migrations', 0))`,
      );
      await statements.query('lock table roster.orgs, roster.users in access exclusive mode');
      expect(await migrate(serverUrl(), scratch.namespace)).toEqual([]);
    });
  });

  it('says comments and rights anew when they read otherwise, but not over a newer version', async () => {
    const forget = () => scratch.query(`update roster.definitions set digest = 'another'`);
    await forget();
    expect(await migrate(serverUrl(), scratch.namespace)).toEqual(['comments', 'roles']);
    await forget();
    await scratch.query(`insert into roster.migrations (version, name) values (9999, 'of a newer version')`);
    expect(await migrate(serverUrl(), scratch.namespace)).toEqual([]);
    await scratch.query('delete from roster.migrations where version = 9999');
  });

  it('leaves comments and rights alone where a newer version of them is in force, whatever else is', async () => {
    const before = await scratch.query('select name, digest, version from roster.definitions');
    await scratch.query(`update roster.definitions set digest = 'of a newer version', version = version + 1`);
    expect(await migrate(serverUrl(), scratch.namespace)).toEqual([]);
    for (const { name, digest, version } of before)
      await scratch.query('update roster.definitions set digest = $2, version = $3 where name = $1', [
        name,
        digest,
        version,
      ]);
  });

  it('takes what was said by a release that kept no versions for older', async () => {
    await scratch.query(`delete from roster.migrations where name = 'definition versions';
      alter table roster.definitions drop column version; update roster.definitions set digest = 'another'`);
    const all = ['definition versions', 'comments', 'roles'];
    expect(await migrate(serverUrl(), scratch.namespace)).toEqual(all);
    expect(await scratch.query('select min(version) as least from roster.definitions')).toEqual([
      { least: 1 },
    ]);
  });

  it('calls no function that somebody else has put in schema public', async () => {
    await scratch.query(`create function public.format(text, text) returns text language plpgsql as
      $$ begin raise exception 'called by the migration'; end $$`);
    await scratch.query(`update roster.definitions set digest = 'another'`);
    expect(await migrate(serverUrl(), scratch.namespace)).toEqual(['comments', 'roles']);
    await scratch.query('drop function public.format(text, text)');
  });

  it('only adds, so that the version before can go on writing', () => {
    const taking = /\b(drop (table|column|view|index)|rename|alter column|set not null|add constraint)\b/i;
    for (const { name, statements } of MIGRATIONS)
      expect([name, taking.exec(statements)]).toEqual([name, null]);
  });

  it('lets statements of the first release write to the tables of this one', async () => {
    await scratch.query(`insert into roster.users as t (district_id, gg4l_id, first_seen_at, generation, epoch, log_offset,
        fingerprint, changed_at, archive_cause, partition, archived_at)
      values ('old', 'a', now(), 1, 1, 1, '\\x00', now(), null, 0, null)
      on conflict (district_id, gg4l_id) do update set generation = excluded.generation
      where t.generation < excluded.generation`);
    await scratch.query(`insert into roster.dead_letters (id, service, reason, district_id, generation, entity_type,
        row_number, topic, partition, log_offset, contents, contents_bytes, at, times, letter_offset)
      values ('old', 'persister', 'why', null, null, null, null, 't', 0, 1, '\\x00', 1, now(), 1, 0)`);
    await scratch.query(
      `insert into roster.fences (entity_type, partition, epoch, log_offset) values ('users', 9, 1, 1)`,
    );
    await scratch.query(
      `insert into roster.stored_offsets (entity_type, partition, log_offset) values ('users', 9, 1)`,
    );
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
