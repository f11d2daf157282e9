import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { foldChanges } from '#roster-consumer';
import { sampleEntries } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { toSnakeCase } from './columns.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';
import { archiveStatement, changedRecordStatement, recordStatement } from './statements.js';

describe('the plans of the statements that write', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  /** Made on empty tables, as at the first start, and kept from then on. */
  async function planOf(text: string, values: readonly unknown[]): Promise<string> {
    return scratch.database.transaction(async (statements) => {
      const { rows } = await statements.query(`explain ${text}`, [...values]);
      return JSON.stringify(rows);
    });
  }

  it.each(ENTITY_TYPES)('look rows of %s up by the primary key', async (type) => {
    const entries = sampleEntries(type, [
      { verb: 'created', id: 'a', generation: 1 },
      { verb: 'archived', id: 'b', generation: 1 },
    ]);
    const { records, archives } = foldChanges(entries.filter((entry) => entry.kind === 'change'));
    const key = `${toSnakeCase(type)}_pkey on ${toSnakeCase(type)} s`;
    const record = recordStatement(type);
    expect(await planOf(record.text, record.parametersOf(records, 0))).toContain(key);
    const changed = changedRecordStatement(type);
    expect(await planOf(changed.text, changed.parametersOf(records, 0))).toContain(`${key.slice(0, -1)}t`);
    const archive = archiveStatement(type);
    expect(await planOf(archive.text, archive.parametersOf(archives, 0))).toContain(key);
  });
});
