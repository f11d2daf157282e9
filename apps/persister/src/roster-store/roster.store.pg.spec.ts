import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import type { Applied } from '#roster-consumer';
import { MemoryChangeLog } from '../../../../libs/roster-consumer/test/memory.change-log.js';
import {
  encodeSample,
  timeOf,
  type SampleChange,
} from '../../../../libs/roster-consumer/test/sample-changes.js';
import { tableOf } from './columns.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('the roster in Postgres', () => {
  let scratch: ScratchRoster;
  const logs = new Map<EntityType, MemoryChangeLog>();
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  /** In one step of a loop that starts. */
  async function apply(type: EntityType, ...changes: SampleChange[]): Promise<Applied> {
    const log = logs.get(type) ?? new MemoryChangeLog(new PostgresRosterStore(scratch.database), type);
    logs.set(type, log);
    log.append(...changes.map((change) => encodeSample(type, change)));
    const [applied] = await log.deliver(log.loop(), { batch: changes.length });
    if (applied === undefined) throw new Error('nothing was delivered');
    return applied;
  }

  async function row(type: EntityType, id: string): Promise<Record<string, unknown>> {
    const [found] = await scratch.query(`select * from ${tableOf(type)} where gg4l_id = $1`, [id]);
    return found ?? {};
  }

  async function waitingForLock(): Promise<void> {
    const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await scratch.query(waits)).length === 0);
  }

  const at = (generation: number): Date => new Date(timeOf(generation));
  const created = (id: string, generation: number, name = 'North'): SampleChange => ({
    verb: 'created',
    id,
    generation,
    attributes: { name },
  });
  const archived = (
    id: string,
    generation: number,
    cause: SampleChange['cause'] = 'absent',
  ): SampleChange => ({
    verb: 'archived',
    id,
    generation,
    cause,
  });

  it('keeps one row through created, updated, archived and restored, first seen when it was created', async () => {
    await apply('orgs', created('life', 1));
    expect(await row('orgs', 'life')).toMatchObject({
      district_id: 'district-1',
      name: 'North',
      generation: '1',
      epoch: 1,
      partition: 0,
      archived_at: null,
      first_seen_at: at(1),
      changed_at: at(1),
      date_last_modified: '2025-08-01T00:00:00Z',
    });
    await apply('orgs', { ...created('life', 2, 'South'), verb: 'updated' });
    expect(await row('orgs', 'life')).toMatchObject({
      name: 'South',
      first_seen_at: at(1),
      changed_at: at(2),
    });
    await apply('orgs', archived('life', 3, 'withdrawn'));
    expect(await row('orgs', 'life')).toMatchObject({
      name: 'South',
      generation: '3',
      archived_at: at(3),
      archive_cause: 'withdrawn',
      first_seen_at: at(1),
    });
    await apply('orgs', { ...created('life', 4, 'West'), verb: 'restored' });
    expect(await row('orgs', 'life')).toMatchObject({
      name: 'West',
      generation: '4',
      archived_at: null,
      archive_cause: null,
      first_seen_at: at(1),
      changed_at: at(4),
    });
    const rows = await scratch.query(`select 1 from roster.orgs where gg4l_id = 'life'`);
    expect(rows).toHaveLength(1);
  });

  it('empties what an update no longer has', async () => {
    await apply('orgs', {
      verb: 'created',
      id: 'emptied',
      generation: 1,
      attributes: { name: 'N', type: 'school' },
    });
    await apply('orgs', { verb: 'updated', id: 'emptied', generation: 2, attributes: { name: 'N' } });
    expect(await row('orgs', 'emptied')).toMatchObject({ name: 'N', type: null });
  });

  it('is not changed, nor logs anything, by a repeat', async () => {
    const changes = Array.from({ length: 500 }, (_, index) => created(`repeat-${index}`, 5));
    expect((await apply('orgs', ...changes)).written).toBe(500);
    expect((await apply('orgs', archived('repeat-0', 6))).written).toBe(1);
    const before = await row('orgs', 'repeat-1');
    // Other databases of the server write meanwhile, but not all the time: the least of several repeats is their own.
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20 && least >= 20_000; round += 1) {
      const [{ start } = {}] = await scratch.query('select pg_current_wal_insert_lsn() as start');
      expect((await apply('orgs', ...changes, archived('repeat-0', 6))).written).toBe(0);
      const [{ bytes } = {}] = await scratch.query(
        `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)::int as bytes`,
        [start],
      );
      least = Math.min(least, Number(bytes));
    }
    expect(await row('orgs', 'repeat-1')).toEqual(before);
    // 501 rows locked or written would be 30,000 and more.
    expect(least).toBeLessThan(20_000);
  });

  it('ignores a lower generation', async () => {
    await apply('orgs', created('late', 8, 'new'));
    await apply('orgs', created('late', 7, 'old'));
    await apply('orgs', archived('late', 7));
    expect(await row('orgs', 'late')).toMatchObject({ name: 'new', generation: '8', archived_at: null });
  });

  it.each([
    ['changed', 'known', [created('known', 5)]],
    ['added', 'race', []],
  ])(
    'ignores a lower generation also of a row just being %s by another instance',
    async (_how, id, before) => {
      for (const change of before) await apply('orgs', change);
      let late: Promise<Applied> | undefined;
      await scratch.database.transaction(async (statements) => {
        await statements.query(
          `insert into roster.orgs (district_id, gg4l_id, name, generation) values ('district-1', $1, 'new', 9)
         on conflict (district_id, gg4l_id) do update set name = 'new', generation = 9`,
          [id],
        );
        late = apply('orgs', created(id, 8, 'old'), created(`beside ${id}`, 8));
        await waitingForLock();
      });
      expect((await late)?.written).toBe(1);
      expect(await row('orgs', id)).toMatchObject({ name: 'new', generation: '9' });
      expect(await row('orgs', `beside ${id}`)).toMatchObject({ generation: '8' });
      const history = `select gg4l_id from roster.history where generation = 8 and gg4l_id in ($1, $2)`;
      expect(await scratch.query(history, [id, `beside ${id}`])).toEqual([{ gg4l_id: `beside ${id}` }]);
    },
  );

  it('writes a row that a repair is just making anew', async () => {
    await apply('orgs', created('mended', 5));
    let late: Promise<Applied> | undefined;
    await scratch.database.transaction(async (statements) => {
      await statements.query(`delete from roster.orgs where gg4l_id = 'mended'`);
      await statements.query(`insert into roster.orgs (district_id, gg4l_id, name, generation)
        values ('district-1', 'mended', 'repaired', 5)`);
      late = apply('orgs', created('mended', 8, 'newest'), created('beside mended', 8));
      await waitingForLock();
    });
    expect((await late)?.written).toBe(2);
    expect(await row('orgs', 'mended')).toMatchObject({ name: 'newest', generation: '8' });
    const history = `select gg4l_id from roster.history where generation = 8 and gg4l_id like '%mended' order by 1`;
    expect(await scratch.query(history)).toEqual([{ gg4l_id: 'beside mended' }, { gg4l_id: 'mended' }]);
  });

  it('keeps the order of one id within a batch', async () => {
    await apply(
      'orgs',
      created('order', 5, 'kept'),
      archived('order', 7),
      created('back', 5),
      archived('back', 7),
      {
        ...created('back', 9, 'again'),
        verb: 'restored',
      },
    );
    expect(await row('orgs', 'order')).toMatchObject({ name: 'kept', generation: '7', archived_at: at(7) });
    expect(await row('orgs', 'back')).toMatchObject({
      name: 'again',
      archived_at: null,
      first_seen_at: at(5),
    });
  });

  it('tells apart ids that differ by case, and equal ids of two districts', async () => {
    await apply('orgs', created('Case', 1), created('case', 1), {
      ...created('case', 1),
      district: 'district-2',
    });
    const rows = await scratch.query(`select 1 from roster.orgs where lower(gg4l_id) = 'case'`);
    expect(rows).toHaveLength(3);
  });

  it('keeps an archive of one never seen, and fills it when it is restored', async () => {
    await apply('orgs', archived('unknown', 3, 'school-unshared'));
    expect(await row('orgs', 'unknown')).toMatchObject({
      name: null,
      archived_at: at(3),
      archive_cause: 'school-unshared',
      first_seen_at: at(3),
    });
    await apply('orgs', { ...created('unknown', 4), verb: 'restored' });
    expect(await row('orgs', 'unknown')).toMatchObject({
      name: 'North',
      archived_at: null,
      first_seen_at: at(3),
    });
  });

  it('keeps when and why a record was archived when the archive is sent again', async () => {
    await apply('orgs', created('again', 1), archived('again', 2, 'withdrawn'));
    await apply('orgs', archived('again', 3, 'refresh'));
    expect(await row('orgs', 'again')).toMatchObject({
      generation: '3',
      archived_at: at(2),
      archive_cause: 'withdrawn',
    });
  });

  it('takes when a record was archived from an archive sent again, if that is the first it sees of it', async () => {
    await apply('orgs', { ...archived('newly read', 3, 'refresh'), archivedAt: at(2).toISOString() });
    expect(await row('orgs', 'newly read')).toMatchObject({ generation: '3', archived_at: at(2) });
  });

  it('keeps out a record that cannot be stored, and only that', async () => {
    const poison = {
      verb: 'created',
      id: 'poison',
      generation: 1,
      attributes: { startDate: 'never' },
    } as const;
    const others = Array.from({ length: 20 }, (_, index): SampleChange => ({
      verb: 'created',
      id: `s${index}`,
      generation: 1,
    }));
    const applied = await apply('academicSessions', ...others.slice(0, 13), poison, ...others.slice(13));
    expect(applied).toMatchObject({ written: 20, deadLetters: 1 });
    const letters = logs.get('academicSessions')?.outlet.letters ?? [];
    expect(letters.map(({ origin, reason }) => ({ origin, reason }))).toEqual([
      {
        origin: {
          kind: 'message',
          topic: 'roster.academicSessions.v1',
          partition: 0,
          offset: '13',
        },
        reason: 'Postgres cannot hold what the record says (SQLSTATE 22007)',
      },
    ]);
    expect(await scratch.query('select 1 from roster.academic_sessions')).toHaveLength(20);
  });
});
