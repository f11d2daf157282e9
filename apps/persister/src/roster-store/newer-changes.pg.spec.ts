import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { foldChanges } from '#roster-consumer';
import { sampleEntries, type SampleChange } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { newerChanges } from './newer-changes.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('changes that would be written', () => {
  let scratch: ScratchRoster;
  let store: PostgresRosterStore;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    store = new PostgresRosterStore(scratch.database);
  });
  afterAll(() => scratch.close());

  const changesOf = (...changes: SampleChange[]) =>
    foldChanges(sampleEntries('orgs', changes).filter((entry) => entry.kind === 'change'));
  const created = (id: string, generation: number): SampleChange => ({ verb: 'created', id, generation });
  const archived = (id: string, generation: number): SampleChange => ({ verb: 'archived', id, generation });

  it('are those of a higher generation than the row, and those without a row', async () => {
    await store.write('orgs', 0, changesOf(created('a', 5), created('b"\\', 5), archived('b"\\', 6)), []);
    const asked = changesOf(
      created('a', 5),
      created('b"\\', 5),
      archived('b"\\', 7),
      created('new', 1),
      archived('a', 4),
    );
    const { due, settled } = await scratch.database.transaction((statements) =>
      newerChanges(statements, 'orgs', asked),
    );
    const named = (rows: readonly { readonly event: { readonly subject: string } }[]) =>
      rows.map(({ event }) => event.subject);
    expect([named(due.records), named(due.archives)]).toEqual([['new'], ['b"\\']]);
    // No shadows: one of the generation that its row has, and one below an archive that came from a higher offset.
    const offsetOf = (id: string, generation: number) =>
      asked.changes.find(({ event }) => event.subject === id && event.generation === generation)?.offset;
    expect(settled).toEqual(new Set([offsetOf('a', 5), offsetOf('b"\\', 5)]));
  });

  it('leave shadows to be found where everything was stored already', async () => {
    await store.write('orgs', 1, changesOf(created('s', 5)), []);
    const repeat = changesOf(created('s', 5));
    expect(await store.write('orgs', 1, repeat, [])).toBe(0);
    // Behind the row, and older.
    const late = sampleEntries('orgs', [created('other', 1), created('s', 4)]).flatMap((entry) =>
      entry.kind === 'change' ? [{ ...entry, offset: entry.offset + 100n }] : [],
    );
    const stale = late.filter(({ event }) => event.subject === 's');
    expect(await store.write('orgs', 1, foldChanges(stale), [])).toBe(0);
    const events = stale.map(({ districtId, offset, event: { subject, generation } }) => ({
      ...{ districtId, offset, generation, gg4lId: subject, fenced: false },
    }));
    expect(await store.shadowed('orgs', events, 1)).toEqual(stale.map(({ districtId }) => districtId));
    expect(stale).toHaveLength(1);
  });

  it('need no second look for shadows where the rows came from them', async () => {
    const [repeat] = changesOf(created('s', 5)).records;
    if (repeat === undefined) throw new Error('a created event is a record');
    const { districtId, offset, event } = repeat;
    const asked = { districtId, offset, gg4lId: 's', generation: event.generation };
    await store.write('orgs', 1, changesOf(created('s', 5)), []);
    await scratch.query('alter table roster.orgs rename to orgs_away');
    try {
      expect(await store.shadowed('orgs', [{ ...asked, fenced: false }], 1)).toEqual([]);
      await expect(store.shadowed('orgs', [{ ...asked, fenced: true }], 1)).rejects.toThrow('orgs');
    } finally {
      await scratch.query('alter table roster.orgs_away rename to orgs');
    }
  });

  it('are written also where everything before them was a repeat', async () => {
    const repeat = changesOf(created('a', 5));
    expect(await store.write('orgs', 0, repeat, [])).toBe(0);
    expect(await store.write('orgs', 0, changesOf(created('a', 5), created('c', 5)), [])).toBe(1);
    expect(await store.write('orgs', 0, repeat, [])).toBe(0);
    expect(await store.write('orgs', 0, changesOf(created('a', 8), archived('a', 9)), [])).toBe(2);
  });
});
