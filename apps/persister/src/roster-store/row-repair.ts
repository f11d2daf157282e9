/*
 * Makes rows anew from their events: in one transaction the row that was found wrong is removed and the events are
 * written in their order, as they were the first time, by the list of the erased. A row that was written or taken away
 * since it was looked at is left as it is: it is another, and nothing is known against it. Needs the right to remove
 * rows, which the persister has not.
 */
import type { EntityType } from '#contracts';
import { type ChangeEntry, foldChanges } from '#roster-consumer';
import { tableOf } from './columns.js';
import type { RosterDatabase, Statements } from './roster-database.js';
import type { RowId, RowVersion } from './row-reader.js';
import { archiveStatement, recordStatement } from './statements.js';
import { BY_THE_LIST, loadSuppressions, suppress } from './suppressions.js';
import { runStatement } from './write-rows.js';

export interface RowRemains extends RowId {
  readonly partition: number;
  /** The row that was found wrong; null where there was none. */
  readonly version: RowVersion | null;
  /** In the order of the log; none of a row that no event tells of. */
  readonly events: readonly ChangeEntry[];
}

export class RowRepair {
  constructor(private readonly database: RosterDatabase) {}

  async mend(type: EntityType, rows: readonly RowRemains[]): Promise<void> {
    for (const row of rows)
      await this.database.transaction((statements) => mendRow(statements, type, row), BY_THE_LIST);
  }
}

async function mendRow(statements: Statements, type: EntityType, row: RowRemains): Promise<void> {
  const { districtId, gg4lId, partition, version, events } = row;
  const removed = version === null ? [] : await removeRow(statements, type, row, version);
  if (version !== null && removed.length === 0) return;
  const list = await loadSuppressions(statements, type);
  for (const event of events) {
    const { records, archives } = suppress(type, foldChanges([event]), list);
    await runStatement(statements, recordStatement(type), records, partition);
    await runStatement(statements, archiveStatement(type), archives, partition);
  }
  await statements.query(
    `update ${tableOf(type)} set first_seen_at = $3 where district_id = $1 and gg4l_id = $2 and first_seen_at > $3`,
    [districtId, gg4lId, removed[0]?.first_seen_at ?? null],
  );
}

async function removeRow(
  statements: Statements,
  type: EntityType,
  { districtId, gg4lId }: RowId,
  { generation, offset }: RowVersion,
): Promise<readonly { first_seen_at: Date | null }[]> {
  const { rows } = await statements.query<{ first_seen_at: Date | null }>(
    `delete from ${tableOf(type)} where district_id = $1 and gg4l_id = $2
     and generation is not distinct from $3::bigint and log_offset is not distinct from $4::bigint
     returning first_seen_at`,
    [districtId, gg4lId, generation, offset],
  );
  return rows;
}
