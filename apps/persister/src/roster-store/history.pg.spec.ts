import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { changeEventId } from '#contracts';
import { type ChangeEntry, foldChanges } from '#roster-consumer';
import {
  sampleEntries,
  timeOf,
  type SampleChange,
} from '../../../../libs/roster-consumer/test/sample-changes.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('the history', () => {
  let scratch: ScratchRoster;
  let store: PostgresRosterStore;
  let offset = 0;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    store = new PostgresRosterStore(scratch.database);
  });
  afterAll(() => scratch.close());

  function entriesOf(...changes: SampleChange[]): ChangeEntry[] {
    const entries = sampleEntries('orgs', changes, offset).filter((entry) => entry.kind === 'change');
    offset += changes.length;
    return entries;
  }

  const write = (entries: readonly ChangeEntry[]) => store.write('orgs', 0, foldChanges(entries), []);
  const created = (id: string, generation: number): SampleChange => ({ verb: 'created', id, generation });
  const historyOf = (id: string, columns = 'verb, generation::int, cause') =>
    scratch.query(`select ${columns} from roster.history where gg4l_id = $1 order by generation`, [id]);

  it('has a row for each change of a row, with its verb, cause, event and time', async () => {
    await write(entriesOf(created('life', 1)));
    await write(entriesOf({ ...created('life', 2), verb: 'updated' }));
    await write(entriesOf({ verb: 'archived', id: 'life', generation: 3, cause: 'withdrawn' }));
    await write(entriesOf({ ...created('life', 4), verb: 'restored' }));
    expect(await historyOf('life')).toEqual([
      { verb: 'created', generation: 1, cause: null },
      { verb: 'updated', generation: 2, cause: null },
      { verb: 'archived', generation: 3, cause: 'withdrawn' },
      { verb: 'restored', generation: 4, cause: null },
    ]);
    const [first] = await historyOf('life', 'district_id, entity_type, event_id, changed_at');
    const key = { districtId: 'district-1', entityType: 'orgs', gg4lId: 'life', generation: 1 } as const;
    expect(first).toEqual({
      district_id: 'district-1',
      entity_type: 'orgs',
      event_id: changeEventId(key),
      changed_at: new Date(timeOf(1)),
    });
  });

  it('has nothing of a change that was not written', async () => {
    await write(entriesOf(created('late', 5)));
    await write(entriesOf(created('late', 4), created('other', 4)));
    expect(await historyOf('late')).toEqual([{ verb: 'created', generation: 5, cause: null }]);
    expect(await historyOf('other')).toHaveLength(1);
  });

  it('has each change once, however often it is read', async () => {
    const entries = entriesOf(created('twice', 1), { verb: 'archived', id: 'twice', generation: 2 });
    await write(entries);
    await write(entries);
    await scratch.query(`delete from roster.orgs where gg4l_id = 'twice'`);
    await write(entries);
    expect(await historyOf('twice')).toHaveLength(2);
  });

  it('names the attributes that changed, and when a restored record had been archived, where the event does', async () => {
    const more = { changed: ['name', 'parent'], archivedAt: '2026-01-01T00:00:00.000Z' };
    await write(entriesOf({ ...created('named', 1), verb: 'restored', ...more }));
    expect(await historyOf('named', 'changed, was_archived_at')).toEqual([
      { changed: ['name', 'parent'], was_archived_at: new Date('2026-01-01T00:00:00Z') },
    ]);
    expect(await historyOf('life', 'changed')).toContainEqual({ changed: null });
  });

  it('has a partition for each month, made when it is needed and ahead of time', async () => {
    const months = async () => {
      const rows = await scratch.query(
        `select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'roster.history'::regclass order by 1`,
      );
      return rows.map(({ relname }) => relname);
    };
    const [{ next } = {}] = await scratch.query(
      `select to_char((now() at time zone 'UTC') + interval '1 month', '"history_"YYYY_MM') as next`,
    );
    expect(await months()).toContain(next);
    const [entry] = entriesOf(created('past', 1));
    if (entry === undefined) throw new Error('one was made');
    await write([{ ...entry, event: { ...entry.event, time: '2019-03-31T23:30:00-05:00' } }]);
    expect(await months()).toContain('history_2019_04');
    expect(await scratch.query('select gg4l_id from roster.history_2019_04')).toEqual([{ gg4l_id: 'past' }]);
  });

  it('makes a month once when several need it at once, and again when it was removed', async () => {
    const stores = [1, 2, 3, 4].map(() => new PostgresRosterStore(scratch.database));
    for (let month = 1; month <= 9; month += 1) {
      const writes = stores.map((one, index) => {
        const [entry] = entriesOf(created(`race-${month}-${index}`, 1));
        if (entry === undefined) throw new Error('one was made');
        const event = { ...entry.event, time: `2018-0${month}-05T00:00:00Z` };
        return one.write('orgs', 0, foldChanges([{ ...entry, event }]), []);
      });
      expect(await Promise.all(writes)).toEqual([1, 1, 1, 1]);
    }
    await scratch.query('drop table roster.history_2018_05');
    const [entry] = entriesOf(created('again', 1));
    if (entry === undefined) throw new Error('one was made');
    const again = foldChanges([{ ...entry, event: { ...entry.event, time: '2018-05-06T00:00:00Z' } }]);
    await expect(stores[0]?.write('orgs', 0, again, [])).rejects.toMatchObject({ code: '23514' });
    expect(await stores[0]?.write('orgs', 0, again, [])).toBe(1);
  });
});
