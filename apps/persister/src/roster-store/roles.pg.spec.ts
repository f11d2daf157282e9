import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { foldChanges } from '#roster-consumer';
import { sampleEntries } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { toSnakeCase } from './columns.js';
import { migrate } from './migrate.js';
import { roleName, type RosterRole } from './migrations/roles.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, serverUrl, type ScratchRoster } from './scratch-roster.js';

const TABLES = ENTITY_TYPES.map(toSnakeCase);
const DENIED = { code: '42501' };

describe('the roles of schema roster', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    for (const district of ['north', 'south']) {
      for (const type of ENTITY_TYPES) {
        const entries = sampleEntries(type, [{ verb: 'created', id: 'one', generation: 1, district }]);
        const changes = foldChanges(entries.filter((entry) => entry.kind === 'change'));
        await new PostgresRosterStore(scratch.database).write(type, 0, changes, []);
      }
    }
    await scratch.query(`insert into roster.watermarks (district_id, entity_type, partition, generation, epoch, partitions)
      select d, 'orgs', 0, 1, 1, 1 from unnest(array['north', 'south']) as d`);
  });
  afterAll(() => scratch.close());

  /** One after the other in a transaction of the role's own, which is rolled back. */
  async function as(role: RosterRole | null, ...texts: string[]): Promise<Record<string, unknown>[]> {
    const rolledBack = new Error('as it was');
    let rows: Record<string, unknown>[] = [];
    const tried = scratch.database.transaction(async (statements) => {
      if (role !== null) await statements.query(`set local role ${roleName(scratch.namespace, role)}`);
      for (const text of texts) ({ rows } = await statements.query<Record<string, unknown>>(text));
      throw rolledBack;
    });
    await tried.catch((error: unknown) => {
      if (error !== rolledBack) throw error;
    });
    return rows;
  }

  const grant = (role: RosterRole, district: string): string =>
    `insert into roster.district_readers values ('${roleName(scratch.namespace, role)}', '${district}')`;
  const become = (role: RosterRole): string => `set local role ${roleName(scratch.namespace, role)}`;
  const districtsIn = (name: string): string => `select distinct district_id from roster.${name} order by 1`;

  it.each(TABLES)('let the persister write %s and never remove from it', async (table) => {
    const insert = `insert into roster.${table} (district_id, gg4l_id) values ('north', 'new')`;
    await as('persister', insert, `update roster.${table} set generation = 2`);
    await expect(as('persister', `delete from roster.${table}`)).rejects.toMatchObject(DENIED);
    await expect(as('persister', `truncate roster.${table}`)).rejects.toMatchObject(DENIED);
    await expect(as('persister', `alter table roster.${table} add column x text`)).rejects.toMatchObject(
      DENIED,
    );
  });

  it('let the persister do all it does: start, write, compare and keep letters', async () => {
    const role = roleName(scratch.namespace, 'persister');
    const url = new URL(serverUrl());
    url.searchParams.set('options', `-c role=${role}`);
    expect(await migrate(url.href, scratch.namespace)).toEqual([]);
    await as('persister', `select roster.add_history_month('2017-01-01')`);
    await as('persister', `insert into roster.fences values ('users', 0, 1, 1)`);
    await as('persister', `update roster.dead_letters set cleared_at = now()`);
    await as('persister', 'select record_hash from roster.suppressions');
    await expect(
      as('persister', 'insert into roster.district_readers values ($$x$$, $$y$$)'),
    ).rejects.toMatchObject(DENIED);
  });

  it.each([
    ...TABLES.filter((table) => table !== 'demographics'),
    'active_users',
    'history',
    'user_orgs',
    'districts',
    'dangling_references',
  ])('show a reader of one district nothing of another in %s', async (name) => {
    const all = await as(null, districtsIn(name));
    const found = await as(null, grant('reader', 'north'), become('reader'), districtsIn(name));
    expect(found).toEqual(all.filter(({ district_id }) => district_id === 'north'));
    expect(await as('reader', districtsIn(name))).toEqual([]);
  });

  it('let a reader narrow what it sees by rollcall.district, and never widen it', async () => {
    const both = [grant('reader', 'north'), grant('reader', 'south'), become('reader')];
    expect(await as(null, ...both, districtsIn('users'))).toHaveLength(2);
    const south = `set local rollcall.district = 'south'`;
    expect(await as(null, ...both, south, districtsIn('users'))).toEqual([{ district_id: 'south' }]);
    expect(await as(null, grant('reader', 'north'), become('reader'), south, districtsIn('users'))).toEqual(
      [],
    );
  });

  it('show a reader of any district the one it has chosen, and nothing until it has', async () => {
    const any = [grant('reader', '*'), become('reader')];
    expect(await as(null, ...any, districtsIn('users'))).toEqual([]);
    const south = `set local rollcall.district = 'south'`;
    expect(await as(null, ...any, south, districtsIn('users'))).toEqual([{ district_id: 'south' }]);
  });

  it('show a reader nothing of another district by functions of its own that are called as ours are', async () => {
    const reader = roleName(scratch.namespace, 'reader');
    const ours = ['array_agg(text) returns text[]', 'array_agg(anyelement) returns text[]'];
    const trap = [
      grant('reader', 'north'),
      `create schema scratch; grant usage, create on schema scratch to ${reader}`,
      become('reader'),
      ...ours.map(
        (name) => `create function scratch.${name} language sql as $$ select array['north', 'south'] $$`,
      ),
      `set local search_path = scratch, pg_catalog`,
    ];
    expect(await as(null, ...trap, districtsIn('users'))).toEqual([{ district_id: 'north' }]);
  });

  it('are enforced by functions that find nothing by a search path of the caller', async () => {
    const open = await scratch.query(`select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace = 'roster'::regnamespace
        and not 'search_path=pg_catalog, pg_temp' = any(coalesce(p.proconfig, '{}'))`);
    expect(open).toEqual([]);
  });

  it('let a reader change nothing, and keep from it what is not its own', async () => {
    const granted = [grant('reader', 'north'), become('reader')];
    for (const text of [
      `update roster.users set role = 'x'`,
      `delete from roster.users`,
      `insert into roster.users (district_id, gg4l_id) values ('north', 'x')`,
      `insert into roster.district_readers values (current_user, 'south')`,
      'select * from roster.demographics',
      'select * from roster.active_demographics',
      'select * from roster.dead_letters',
      'select * from roster.suppressions',
      'select * from roster.erased',
      'select * from roster.names',
      `select roster.add_history_month('2016-01-01')`,
    ]) {
      await expect(as(null, ...granted, text)).rejects.toMatchObject(DENIED);
    }
  });

  it('show demographics to those who may see them only, by district', async () => {
    const granted = [grant('demographics_reader', 'north'), become('demographics_reader')];
    expect(await as(null, ...granted, districtsIn('demographics'))).toEqual([{ district_id: 'north' }]);
    await expect(as(null, ...granted, districtsIn('users'))).rejects.toMatchObject(DENIED);
  });

  it('let purge remove rows and empty them, and change nothing that is kept about them', async () => {
    await as('purge', 'update roster.users set email = null', 'delete from roster.users');
    for (const table of ['history', 'watermarks', 'dead_letters'])
      await as('purge', `delete from roster.${table}`);
    await expect(as('purge', 'update roster.users set generation = 9')).rejects.toMatchObject(DENIED);
    await expect(
      as('purge', `insert into roster.users (district_id, gg4l_id) values ('n', 'x')`),
    ).rejects.toMatchObject(DENIED);
  });

  it('let the migrator change tables, and what it makes by itself', async () => {
    await as('migrator', 'alter table roster.users add column x text', 'create table roster.y (z text)');
    await as('migrator', 'alter table roster.history add column x text');
  });
});
