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
    const { records, archives } = await scratch.database.transaction((statements) =>
      newerChanges(statements, 'orgs', asked),
    );
    const named = (rows: readonly { readonly event: { readonly subject: string } }[]) =>
      rows.map(({ event }) => event.subject);
    expect([named(records), named(archives)]).toEqual([['new'], ['b"\\']]);
  });

  it('are written also where everything before them was a repeat', async () => {
    const repeat = changesOf(created('a', 5));
    expect(await store.write('orgs', 0, repeat, [])).toBe(0);
    expect(await store.write('orgs', 0, changesOf(created('a', 5), created('c', 5)), [])).toBe(1);
    expect(await store.write('orgs', 0, repeat, [])).toBe(0);
    expect(await store.write('orgs', 0, changesOf(created('a', 8), archived('a', 9)), [])).toBe(2);
  });
});
