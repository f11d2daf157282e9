import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { foldChanges } from '#roster-consumer';
import { sampleEntries } from '../../../../libs/roster-consumer/test/sample-changes.js';
import type { Statements } from './roster-database.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

const NONE = foldChanges([]);

describe('two instances that write of one partition at once', () => {
  let scratch: ScratchRoster;
  let store: PostgresRosterStore;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    store = new PostgresRosterStore(scratch.database);
  });
  afterAll(() => scratch.close());

  /** `late` is begun while `first` is not committed, and waits for it. */
  async function race(
    first: (statements: Statements) => Promise<unknown>,
    late: () => Promise<unknown>,
  ): Promise<void> {
    let waiting: Promise<unknown> = Promise.resolve();
    await scratch.database.transaction(async (statements) => {
      await first(statements);
      waiting = late();
      const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      while ((await scratch.query(waits)).length === 0);
    });
    await waiting;
  }

  it('keep the first fence of an epoch, whoever is faster', async () => {
    await race(
      (statements) =>
        statements.query(`insert into roster.fences (entity_type, partition, epoch, log_offset)
          values ('users', 0, 2, 10)`),
      () => store.write('users', 0, NONE, [{ epoch: 2, offset: 20n }]),
    );
    expect((await store.standing('users', 0)).fences).toEqual([{ epoch: 2, offset: 10n }]);
  });

  it('keep the highest offset, whoever is faster', async () => {
    const entries = sampleEntries('users', [{ verb: 'created', id: 'a', generation: 5 }], 20);
    const changes = foldChanges(entries.filter((entry) => entry.kind === 'change'));
    await race(
      (statements) =>
        statements.query(`insert into roster.stored_offsets (entity_type, partition, log_offset)
          values ('users', 1, 50)`),
      () => store.write('users', 1, changes, []),
    );
    expect((await store.standing('users', 1)).highestOffset).toBe(50n);
  });
});
