/*
 * The statements that write rows, any number in one call: rows that are new and rows that are there, once that is known,
 * or any of both. Of these a row no newer than the stored one is left out before the insert, so that a repeat locks and
 * logs nothing; the condition on conflict decides where another transaction was faster. Each parameter is the array of one column (`array-literals.ts`), in the order of `parameters`; the last is
 * the partition.
 */
import type { EntityType } from '#contracts';
import type { ArchiveRow, RecordRow } from '#roster-consumer';
import { toArrayLiteral, toCell, toJsonCell, toListCell, type Cell } from './array-literals.js';
import { columnsOf, tableOf, type Column } from './columns.js';
import { requireStoredTime } from './stored-time.js';

export interface Statement<R> {
  readonly name: string;
  readonly text: string;
  readonly parametersOf: (rows: readonly R[], partition: number) => readonly unknown[];
}

/** A column as it is sent: the type of an array's elements, and what makes the column of one. */
interface Sent<R> {
  readonly column: string;
  readonly elementType: string;
  readonly value: string;
  readonly cellOf: (row: R) => Cell;
}

type AnyRow = RecordRow | ArchiveRow;

const KEY: readonly Sent<AnyRow>[] = [
  sent('district_id', 'text', (row) => row.districtId, 'r.district_id collate "C"'),
  sent('gg4l_id', 'text', (row) => row.event.subject, 'r.gg4l_id collate "C"'),
];
const FIRST_SEEN: Sent<AnyRow> = sent('first_seen_at', 'timestamptz', (row) =>
  requireStoredTime(row.firstSeenAt),
);
const BOOKKEEPING: readonly Sent<AnyRow>[] = [
  sent('generation', 'bigint', (row) => toCell(row.event.generation)),
  sent('epoch', 'integer', (row) => toCell(row.event.epoch)),
  sent('log_offset', 'bigint', (row) => row.offset.toString()),
  sent('fingerprint', 'bytea', (row) => `\\x${row.event.fingerprint}`),
  sent('changed_at', 'timestamptz', (row) => requireStoredTime(row.event.time)),
];

/** What a record makes of a row besides its attributes: an archive ends. */
const WHOLE = { archived_at: 'null', archive_cause: 'null' };

function recordColumns(type: EntityType): readonly Sent<RecordRow>[] {
  return [
    ...BOOKKEEPING,
    sent('date_last_modified', 'text', ({ event }) => toCell(event.datelastmodified)),
    ...columnsOf(type).map(sentAttribute),
  ];
}

/** `created`, `updated`, `restored`: the whole row but when it was first seen. */
export function recordStatement(type: EntityType): Statement<RecordRow> {
  return upsert(type, 'records', recordColumns(type), WHOLE, {});
}

/** Records that have no row: fails with a unique violation where one has. */
export function newRecordStatement(type: EntityType): Statement<RecordRow> {
  const all: readonly Sent<RecordRow>[] = [...KEY, FIRST_SEEN, ...recordColumns(type)];
  return toStatement(`new records of ${type}`, insertInto(type, all, derivedOf(all, WHOLE)), all);
}

/** Records that have a row. */
export function changedRecordStatement(type: EntityType): Statement<RecordRow> {
  const columns = recordColumns(type);
  const all: readonly Sent<RecordRow>[] = [...KEY, ...columns];
  const derived = derivedOf(all, WHOLE);
  const values = [
    ...columns.map(({ column, value }) => `${column} = ${value}`),
    ...Object.entries(derived).map(([column, value]) => `${column} = ${value}`),
  ];
  const text = `
update ${tableOf(type)} as t set ${values.join(', ')}
from ${rowsFrom(all)}
where t.district_id = r.district_id collate "C" and t.gg4l_id = r.gg4l_id collate "C" and t.generation < r.generation`;
  return toStatement(`changed records of ${type}`, text, all);
}

/** `archived`: attributes stay as they were. Sent again (`refresh`), it keeps when and why it was archived first. */
export function archiveStatement(type: EntityType): Statement<ArchiveRow> {
  const columns: readonly Sent<ArchiveRow>[] = [
    ...BOOKKEEPING,
    sent('archive_cause', 'text', ({ event }) => event.cause),
    sent('archived_at', 'timestamptz', ({ event }) => requireStoredTime(event.archivedat ?? event.time)),
  ];
  const kept = (column: string): string =>
    `case excluded.archive_cause when 'refresh' then coalesce(t.${column}, excluded.${column}) else excluded.${column} end`;
  const onConflict = { archived_at: kept('archived_at'), archive_cause: kept('archive_cause') };
  return upsert(type, 'archives', columns, {}, onConflict);
}

/** `constants`: columns from no array; `onConflict`: what a column becomes if the row exists, instead of the new value. */
function upsert<R extends AnyRow>(
  type: EntityType,
  kind: string,
  columns: readonly Sent<R>[],
  constants: Readonly<Record<string, string>>,
  onConflict: Readonly<Record<string, string>>,
): Statement<R> {
  const table = tableOf(type);
  const all: readonly Sent<R>[] = [...KEY, FIRST_SEEN, ...columns];
  const derived = derivedOf(all, constants);
  const updated = [...columns.map(({ column }) => column), ...Object.keys(derived)];
  const text = `${insertInto(type, all, derived)}
where not exists (
  select from ${table} s
  where s.district_id = r.district_id collate "C" and s.gg4l_id = r.gg4l_id collate "C"
    and s.generation >= r.generation)
on conflict (district_id, gg4l_id) do update
set ${updated.map((column) => `${column} = ${onConflict[column] ?? `excluded.${column}`}`).join(', ')}
where t.generation < excluded.generation`;
  return toStatement(`${kind} of ${type}`, text, all);
}

/** Columns that come from no array; the partition is the last parameter. */
function derivedOf<R>(
  all: readonly Sent<R>[],
  constants: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { partition: `$${all.length + 1}::integer`, ...constants };
}

function insertInto<R>(
  type: EntityType,
  all: readonly Sent<R>[],
  derived: Readonly<Record<string, string>>,
): string {
  return `
insert into ${tableOf(type)} as t (${[...all.map(({ column }) => column), ...Object.keys(derived)].join(', ')})
select ${[...all.map(({ value }) => value), ...Object.values(derived)].join(', ')}
from ${rowsFrom(all)}`;
}

function rowsFrom<R>(all: readonly Sent<R>[]): string {
  const arrays = all.map(({ elementType }, index) => `$${index + 1}::${elementType}[]`).join(', ');
  return `unnest(${arrays}) as r(${all.map(({ column }) => column).join(', ')})`;
}

function toStatement<R>(name: string, text: string, all: readonly Sent<R>[]): Statement<R> {
  const parametersOf = (rows: readonly R[], partition: number): readonly unknown[] => [
    ...all.map(({ cellOf }) => toArrayLiteral(rows.map(cellOf))),
    partition,
  ];
  return { name, text, parametersOf };
}

function sentAttribute({ attribute, name, sqlType }: Column): Sent<RecordRow> {
  const column = `"${name}"`;
  const valueOf = ({ event }: RecordRow): unknown => (event.data as Record<string, unknown>)[attribute];
  // Arrays of arrays must be rectangular, so a list is sent as text.
  if (sqlType === 'text[]') {
    return sent(column, 'text', (row) => toListCell(valueOf(row)), `r.${column}::text[]`);
  }
  const toText = sqlType === 'jsonb' ? toJsonCell : toCell;
  return sent(column, sqlType, (row) => toText(valueOf(row)));
}

function sent<R>(
  column: string,
  elementType: string,
  cellOf: (row: R) => Cell,
  value = `r.${column}`,
): Sent<R> {
  return { column, elementType, value, cellOf };
}
