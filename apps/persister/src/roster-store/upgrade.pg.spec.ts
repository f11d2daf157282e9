/* The tables of the first release, full of rows, brought to this one. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { foldChanges } from '#roster-consumer';
import pg from 'pg';
import { sampleEntries } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { tableOf } from './columns.js';
import { migrate, namespaceUrl } from './migrate.js';
import { DEFINITIONS } from './migrations/definitions.js';
import { MIGRATIONS } from './migrations/index.js';
import { PostgresRosterStore } from './roster.store.js';
import { openRoster, scratchNamespace, serverUrl, type ScratchRoster } from './scratch-roster.js';

const FIRST_RELEASE = 4;
const ROWS = 500;

describe('tables of the first release that hold rows', () => {
  const namespace = scratchNamespace();
  let applied: readonly string[];
  let scratch: ScratchRoster;

  beforeAll(async () => {
    await fillFirstRelease(namespace);
    applied = await migrate(serverUrl(), namespace);
    scratch = await openRoster(namespace);
  }, 60_000);
  afterAll(() => scratch.close());

  it('get what is missing, and nothing twice', async () => {
    const later = MIGRATIONS.filter(({ version }) => version > FIRST_RELEASE);
    expect(applied).toEqual([...later, ...DEFINITIONS].map(({ name }) => name));
    expect(await migrate(serverUrl(), namespace)).toEqual([]);
  });

  it.each(ENTITY_TYPES)('keep every row of %s, active or archived', async (type) => {
    const [counts] = await scratch.query(
      `select count(*)::int as all, count(archived_at)::int as archived from ${tableOf(type)}`,
    );
    expect(counts).toEqual({ all: ROWS, archived: ROWS / 10 });
    const active = tableOf(type).replace('roster.', 'roster.active_');
    expect(await scratch.query(`select count(*)::int as active from ${active}`)).toEqual([
      { active: ROWS - ROWS / 10 },
    ]);
  });

  it('are joined by the lists they had', async () => {
    const rows = await scratch.query(`select count(*)::int as pairs, count(distinct org)::int as orgs
      from roster.user_orgs where org = any(array['1', '2'])`);
    expect(rows).toEqual([{ pairs: ROWS * 2, orgs: 2 }]);
  });

  it('take newer changes of what they hold, refuse older ones, and keep history from here on', async () => {
    const store = new PostgresRosterStore(scratch.database);
    const changes = sampleEntries(
      'orgs',
      [
        { verb: 'updated', id: '7', generation: 6 },
        { verb: 'updated', id: '8', generation: 4 },
      ],
      900,
    ).filter((entry) => entry.kind === 'change');
    expect(await store.write('orgs', 0, foldChanges(changes), [])).toBe(1);
    expect(await scratch.query('select gg4l_id, generation::int from roster.history')).toEqual([
      { gg4l_id: '7', generation: 6 },
    ]);
  });
});

/** A tenth of the rows is archived; all are of generation 5. */
async function fillFirstRelease(namespace: string): Promise<void> {
  const server = new pg.Client({ connectionString: namespaceUrl(serverUrl(), 'postgres') });
  await server.connect();
  await server.query(`create database ${pg.escapeIdentifier(namespace)}`);
  await server.end();
  const client = new pg.Client({ connectionString: namespaceUrl(serverUrl(), namespace) });
  await client.connect();
  try {
    await client.query(`create schema roster; create table roster.migrations
      (version integer primary key, name text not null, applied_at timestamptz not null default now())`);
    for (const { version, name, statements } of MIGRATIONS.filter(({ version: at }) => at <= FIRST_RELEASE)) {
      await client.query(statements);
      await client.query('insert into roster.migrations (version, name) values ($1, $2)', [version, name]);
    }
    for (const type of ENTITY_TYPES) {
      await client.query(
        `insert into ${tableOf(type)} (district_id, gg4l_id, generation, epoch, partition, log_offset, fingerprint,
           first_seen_at, changed_at, archived_at, archive_cause)
         select 'district-1', n::text, 5, 1, 0, n, '\\x00', now(), now(),
           case n % 10 when 0 then now() end, case n % 10 when 0 then 'absent' end
         from generate_series(1, $1::integer) as n`,
        [ROWS],
      );
    }
    await client.query(`update roster.users set orgs = array['1', '2']`);
  } finally {
    await client.end();
  }
}
