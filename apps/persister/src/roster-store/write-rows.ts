/*
 * Writes rows and their history. Rows of which is known whether they are there are added or changed without asking again;
 * that fails with a unique violation where another transaction was faster, or the history knows more than the rows.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ArchiveRow, FoldedChanges, RecordRow } from '#roster-consumer';
import { keepHistory } from './history-statements.js';
import type { Statements } from './roster-database.js';
import {
  archiveStatement,
  changedRecordStatement,
  newRecordStatement,
  recordStatement,
  type Statement,
} from './statements.js';
import { loadSuppressions, suppress } from './suppressions.js';

interface TypeStatements {
  readonly records: Statement<RecordRow>;
  readonly newRecords: Statement<RecordRow>;
  readonly changedRecords: Statement<RecordRow>;
  readonly archives: Statement<ArchiveRow>;
}

const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [
    type,
    {
      records: recordStatement(type),
      newRecords: newRecordStatement(type),
      changedRecords: changedRecordStatement(type),
      archives: archiveStatement(type),
    },
  ]),
) as Readonly<Record<EntityType, TypeStatements>>;

/** `absent`: offsets of the records that have no row; null: that is not to be relied on. */
export async function writeRows(
  statements: Statements,
  entityType: EntityType,
  partition: number,
  changes: FoldedChanges,
  absent: ReadonlySet<bigint> | null,
): Promise<number> {
  if (changes.records.length + changes.archives.length === 0) return 0;
  const statement = STATEMENTS[entityType];
  const list = await loadSuppressions(statements, entityType);
  const { records, archives } = suppress(entityType, changes, list);
  const stored =
    absent === null
      ? await runStatement(statements, statement.records, records, partition)
      : await writeSorted(statements, statement, records, absent, partition);
  await keepHistory(statements, entityType, records, stored, absent !== null);
  const archived = await runStatement(statements, statement.archives, archives, partition);
  await keepHistory(statements, entityType, archives, archived);
  return stored + archived;
}

async function writeSorted(
  statements: Statements,
  { newRecords, changedRecords, records: anyRecords }: TypeStatements,
  records: readonly RecordRow[],
  absent: ReadonlySet<bigint>,
  partition: number,
): Promise<number> {
  const isNew = ({ offset }: RecordRow): boolean => absent.has(offset);
  const added = await runStatement(statements, newRecords, records.filter(isNew), partition);
  const others = records.filter((row) => !isNew(row));
  const changed = await runStatement(statements, changedRecords, others, partition);
  if (changed === others.length) return added + changed;
  // Some have a higher generation by now, or were taken away meanwhile and perhaps made anew.
  return added + changed + (await runStatement(statements, anyRecords, others, partition));
}

export async function runStatement<R>(
  statements: Statements,
  { name, text, parametersOf }: Statement<R>,
  rows: readonly R[],
  partition: number,
): Promise<number> {
  if (rows.length === 0) return 0;
  const { rowCount } = await statements.query({ name, text, values: [...parametersOf(rows, partition)] });
  return rowCount ?? 0;
}
