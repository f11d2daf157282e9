/* Every table and view of schema `roster` with its columns, in words: comments in the database and docs/tables.md are made from it. */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { describeRecord } from '#oneroster';
import { columnsOf, toSnakeCase } from './columns.js';

export interface DescribedTable {
  /** Without the schema. */
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly description: string;
  readonly columns: readonly (readonly [name: string, description: string])[];
}

type Columns = DescribedTable['columns'];

const DISTRICT: Columns[number] = ['district_id', 'School Passport’s id of the district'];
const KEY: Columns = [DISTRICT, ['gg4l_id', 'the record’s GG4L ID: opaque, case-sensitive']];
const ROW: Columns = [
  ['date_last_modified', 'as the source sent it; not compared, not trusted'],
  ['generation', 'the snapshot that changed the row last: its version'],
  ['epoch', 'of the writer of the last event'],
  ['partition', 'of the change topic it came from'],
  ['log_offset', 'of the last event in that partition'],
  ['fingerprint', 'first 16 bytes of SHA-256 over the canonical record'],
  ['archived_at', 'when it was archived; null while it is active'],
  ['archive_cause', 'absent, withdrawn or school-unshared; null while it is active'],
  ['first_seen_at', 'opening time of the run that first brought it'],
  ['changed_at', 'opening time of the run that changed it last'],
];

const ARCHIVED_AT: Columns[number] = ['archived_at', 'when the record that holds the list was archived'];

const OTHERS: readonly DescribedTable[] = [
  {
    name: 'user_orgs',
    kind: 'view',
    description:
      'users and the orgs they belong to, one row per pair; to find an org’s users ask users.orgs @>',
    columns: [DISTRICT, ['user', 'id of the user'], ['org', 'id of the org'], ARCHIVED_AT],
  },
  {
    name: 'user_agents',
    kind: 'view',
    description: 'users and those who may act for them, one row per pair',
    columns: [DISTRICT, ['user', 'id of the user'], ['agent', 'id of the user who may act'], ARCHIVED_AT],
  },
  {
    name: 'class_terms',
    kind: 'view',
    description: 'classes and the academic sessions in which they are held, one row per pair',
    columns: [DISTRICT, ['class', 'id of the class'], ['term', 'id of the academic session'], ARCHIVED_AT],
  },
  {
    name: 'dangling_references',
    kind: 'view',
    description: 'references of active records to what is not there; without demographics',
    columns: [
      DISTRICT,
      ['type', 'entity type of the record that refers'],
      ['gg4l_id', 'the record that refers'],
      ['attribute', 'OneRoster’s name of the attribute'],
      ['target_type', 'entity type referred to'],
      ['target', 'the id referred to'],
      ['state', 'of the target: unknown or archived'],
    ],
  },
  {
    name: 'districts',
    kind: 'view',
    description: 'how far the tables are, by district',
    columns: [
      DISTRICT,
      ['generation', 'the tables hold everything up to this one; null before the first run is complete'],
      ['as_of', 'when its run was opened, to the second: say “as of” with it'],
      ['newest_generation', 'the newest of which a part has arrived'],
      ['passed_at', 'when the last watermark was passed'],
    ],
  },
  {
    name: 'history',
    kind: 'table',
    description:
      'which record changed when, how and why, without what it says; changes of one record that arrive together show as one',
    columns: [
      DISTRICT,
      ['entity_type', 'in OneRoster’s spelling'],
      ['gg4l_id', 'the record’s GG4L ID'],
      ['generation', 'the snapshot that brought the change'],
      ['verb', 'created, updated, archived or restored'],
      ['cause', 'of an archive: absent, withdrawn or school-unshared; refresh where nothing was new'],
      ['changed', 'attributes that changed, where the event names them'],
      ['was_archived_at', 'of a restored record: when it had been archived, where the event says so'],
      ['event_id', 'id of the change event'],
      ['changed_at', 'opening time of the run; the partitions are its months, in UTC'],
    ],
  },
  {
    name: 'dead_letters',
    kind: 'table',
    description: 'what could not be understood, one row per origin; it may hold personal data',
    columns: [
      ['id', 'the same for the same origin'],
      ['service', 'that could not read it'],
      ['reason', 'why'],
      ['district_id', 'the district, where it is known'],
      ['generation', 'the snapshot, where it is known'],
      ['entity_type', 'the entity type, where it is known'],
      ['gg4l_id', 'the record, where it is known'],
      ['row_number', 'of a row of a collection: its place, from 0'],
      ['topic', 'of a message: where it lies'],
      ['partition', 'of a message: where it lies'],
      ['log_offset', 'of a message: where it lies'],
      ['contents', 'the first 16 KiB; null where they name, or may name, somebody who was erased'],
      ['contents_bytes', 'the whole length'],
      ['at', 'when it was met first'],
      ['times', 'how often it was met'],
      ['letter_offset', 'of the last letter counted, in the dead-letter topic'],
      ['cleared_at', 'when a later snapshot had brought it right; null while it is open'],
      ['cleared_by', 'generation of that snapshot'],
    ],
  },
];

export function describedTables(): readonly DescribedTable[] {
  return [...ENTITY_TYPES.map(tableOfType), ...ENTITY_TYPES.map(activeViewOf), ...OTHERS];
}

function tableOfType(type: EntityType): DescribedTable {
  const attributes = columnsOf(type).map(({ name, description }) => [name, description] as const);
  const columns = [...KEY, ...attributes, ...ROW];
  return { name: toSnakeCase(type), kind: 'table', description: describeRecord(type), columns };
}

function activeViewOf(type: EntityType): DescribedTable {
  const { name, columns } = tableOfType(type);
  return {
    name: `active_${name}`,
    kind: 'view',
    description: `the rows of ${name} that are active`,
    columns,
  };
}
