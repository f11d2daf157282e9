/*
 * The history of what was just written, in the same transaction. Where every row was written all of it is kept; else
 * only what the rows show to be written: a row with the generation and offset of the event. Kept once, whatever repeats:
 * what is written first is taken for new, which fails with a unique violation where it is not.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ArchiveRow, RecordRow } from '#roster-consumer';
import { toArrayLiteral, toCell, toListCell, type Cell } from './array-literals.js';
import { tableOf } from './columns.js';
import type { Statements } from './roster-database.js';
import { requireStoredTime, toStoredTime } from './stored-time.js';

type AnyRow = RecordRow | ArchiveRow;

interface HistoryColumn {
  readonly name: string;
  readonly elementType: string;
  readonly value?: string;
  readonly cellOf: (row: AnyRow) => Cell;
}

const COLUMNS: readonly HistoryColumn[] = [
  { name: 'district_id', elementType: 'text', cellOf: (row) => row.districtId },
  { name: 'gg4l_id', elementType: 'text', cellOf: (row) => row.event.subject },
  { name: 'generation', elementType: 'bigint', cellOf: ({ event }) => toCell(event.generation) },
  {
    name: 'verb',
    elementType: 'text',
    cellOf: ({ event }) => event.type.slice(event.type.lastIndexOf('.') + 1),
  },
  { name: 'cause', elementType: 'text', cellOf: ({ event }) => toCell(event.cause) },
  {
    name: 'changed',
    elementType: 'text',
    value: 'r.changed::text[]',
    cellOf: ({ event }) => ('changed' in event ? namesIn(event.changed) : null),
  },
  {
    name: 'was_archived_at',
    elementType: 'timestamptz',
    cellOf: ({ event }) =>
      'data' in event && event.archivedat !== undefined ? toStoredTime(event.archivedat) : null,
  },
  { name: 'event_id', elementType: 'text', cellOf: ({ event }) => event.id },
  { name: 'changed_at', elementType: 'timestamptz', cellOf: ({ event }) => requireStoredTime(event.time) },
];

const OFFSET = `$${COLUMNS.length + 1}::bigint[]`;

const IF_NEW = 'on conflict do nothing';

const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [
    type,
    {
      new: insert(type, '', ''),
      all: insert(type, '', IF_NEW),
      written: insert(type, writtenOf(type), IF_NEW),
    },
  ]),
) as Readonly<Record<EntityType, Readonly<Record<'new' | 'all' | 'written', string>>>>;

/** `written`: how many of the rows the statement before has written; `isNew`: they are taken for new. */
export async function keepHistory(
  statements: Statements,
  type: EntityType,
  rows: readonly AnyRow[],
  written: number,
  isNew = false,
): Promise<void> {
  if (written === 0) return;
  const whole = isNew ? 'new' : 'all';
  const kind = written === rows.length ? whole : 'written';
  const values = [
    ...COLUMNS.map(({ cellOf }) => toArrayLiteral(rows.map(cellOf))),
    toArrayLiteral(rows.map(({ offset }) => offset.toString())),
  ];
  await statements.query({ name: `history of ${type}, ${kind}`, text: STATEMENTS[type][kind], values });
}

function insert(type: EntityType, where: string, conflict: string): string {
  const names = COLUMNS.map(({ name }) => name).join(', ');
  const arrays = COLUMNS.map(({ elementType }, index) => `$${index + 1}::${elementType}[]`).join(', ');
  return `
insert into roster.history (entity_type, ${names})
select '${type}', ${COLUMNS.map(({ name, value }) => value ?? `r.${name}`).join(', ')}
from unnest(${arrays}, ${OFFSET}) as r(${names}, log_offset)
${where}
${conflict}`;
}

function writtenOf(type: EntityType): string {
  return `where exists (
  select from ${tableOf(type)} s
  where s.district_id = r.district_id collate "C" and s.gg4l_id = r.gg4l_id collate "C"
    and s.generation = r.generation and s.log_offset = r.log_offset)`;
}

function namesIn(names: string | undefined): Cell {
  return names === undefined ? null : toListCell(names.split(','));
}
