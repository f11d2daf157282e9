/*
 * A OneRoster 1.1 CSV bundle as a roster: one file per type named `<type>.csv`, a missing file is an empty type, and
 * columns `metadata.*` are metadata. A row that could not be told from another is refused with file and row.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { parseCsv } from './csv.js';
import { ListedRoster } from './listed-roster.js';
import { ATTRIBUTES, type Attribute, type PlainRecord, type Roster } from './plain-record.js';

export function readCsvBundle(folder: string): Roster {
  const records: Partial<Record<EntityType, readonly PlainRecord[]>> = {};
  for (const type of ENTITY_TYPES) {
    const file = join(folder, `${type}.csv`);
    if (existsSync(file)) records[type] = readCsvRecords(type, readFileSync(file, 'utf8'));
  }
  if (Object.keys(records).length === 0) throw new Error(`${folder} holds no OneRoster CSV file`);
  return new ListedRoster(records);
}

export function readCsvRecords(type: EntityType, text: string): PlainRecord[] {
  let rows: string[][];
  try {
    rows = parseCsv(text);
  } catch (cause) {
    throw new Error(`${type}.csv, ${cause instanceof Error ? cause.message : 'unreadable'}`, { cause });
  }
  const [header = [], ...lines] = rows;
  if (!header.includes('sourcedId')) throw new Error(`${type}.csv has no column sourcedId`);
  const ids = new Set<string>();
  return lines.map((line, index) => {
    const record = toRecord(type, new Map(header.map((column, at) => [column.trim(), line[at] ?? ''])));
    const where = `${type}.csv, row ${index + 2}`;
    if (record.sourcedId === '') throw new Error(`${where}: no sourcedId`);
    if (ids.has(record.sourcedId)) throw new Error(`${where}: a sourcedId met before`);
    ids.add(record.sourcedId);
    return record;
  });
}

function toRecord(type: EntityType, cells: ReadonlyMap<string, string>): PlainRecord {
  const record: Record<string, unknown> = {};
  for (const attribute of ATTRIBUTES[type]) {
    const cell = cells.get(attribute.column)?.trim() ?? '';
    if (cell !== '') record[attribute.name] = toValue(attribute, cell);
  }
  const metadata = [...cells].filter(([column, cell]) => column.startsWith('metadata.') && cell !== '');
  if (metadata.length > 0) {
    const entries = metadata.map(([column, cell]) => [column.slice('metadata.'.length), cell]);
    record.extensions = { metadata: Object.fromEntries(entries) as unknown };
  }
  return {
    ...record,
    sourcedId: cells.get('sourcedId') ?? '',
    status: cells.get('status') === 'tobedeleted' ? 'tobedeleted' : 'active',
    dateLastModified: cells.get('dateLastModified') || '2026-07-15T08:00:00.000Z',
  };
}

function toValue({ kind }: Attribute, cell: string): unknown {
  switch (kind) {
    case 'text':
    case 'reference':
      return cell;
    case 'boolean':
    case 'booleanText':
      return cell.toLowerCase() === 'true';
    case 'list':
    case 'references':
      return cell.split(',').map((element) => element.trim());
    case 'userIds':
      return [...cell.matchAll(/\{([^:}]*):([^}]*)\}/g)].map(([, type, identifier]) => ({
        type,
        identifier,
      }));
  }
}
