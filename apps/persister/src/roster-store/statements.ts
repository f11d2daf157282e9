/*
 * The statements that write rows: one call, any number of rows, as JSON in $1; $2 is the partition. A row no newer
 * than the stored one is left out before the insert, so that a repeat locks and logs nothing; the condition on
 * conflict decides where another transaction was faster.
 */
import type { EntityType } from '#contracts';
import { columnsOf, tableOf, type Column } from './columns.js';

/** Keys of the JSON rows beside the record's own attributes, which never begin with an underscore. */
export interface RowEnvelope {
  readonly _district: string;
  readonly _id: string;
  readonly _generation: number;
  readonly _epoch: number;
  readonly _offset: string;
  /** `\x…` */
  readonly _fingerprint: string;
  readonly _at: string;
  readonly _first: string;
  readonly _modified?: string | undefined;
  readonly _cause?: string;
}

const ENVELOPE = [
  '_district text collate "C"',
  '_id text collate "C"',
  '_generation bigint',
  '_epoch integer',
  '_offset bigint',
  '_fingerprint bytea',
  '_at timestamptz',
  '_first timestamptz',
];
/** What every write sets, and from what. */
const BOOKKEEPING: Readonly<Record<string, string>> = {
  generation: 'r._generation',
  epoch: 'r._epoch',
  partition: '$2::integer',
  log_offset: 'r._offset',
  fingerprint: 'r._fingerprint',
  changed_at: 'r._at',
};

/** `created`, `updated`, `restored`: the whole row but when it was first seen; archives end here. */
export function recordStatement(type: EntityType): string {
  const columns = columnsOf(type);
  return upsert(
    type,
    [...ENVELOPE, '_modified text', ...columns.map(recordsetColumn)],
    {
      ...BOOKKEEPING,
      date_last_modified: 'r._modified',
      archived_at: 'null',
      archive_cause: 'null',
      ...Object.fromEntries(columns.map(({ name, attribute }) => [quote(name), `r.${quote(attribute)}`])),
    },
    {},
  );
}

/** `archived`: attributes stay as they were. Sent again (`refresh`), it keeps when and why it was archived first. */
export function archiveStatement(type: EntityType): string {
  const kept = (column: string): string =>
    `case when excluded.archive_cause = 'refresh' then coalesce(t.${column}, excluded.${column}) else excluded.${column} end`;
  return upsert(
    type,
    [...ENVELOPE, '_cause text'],
    { ...BOOKKEEPING, archived_at: 'r._at', archive_cause: 'r._cause' },
    { archived_at: kept('archived_at'), archive_cause: kept('archive_cause') },
  );
}

function upsert(
  type: EntityType,
  recordset: readonly string[],
  values: Readonly<Record<string, string>>,
  onConflict: Readonly<Record<string, string>>,
): string {
  const table = tableOf(type);
  const names = Object.keys(values);
  const assignments = names.map((name) => `${name} = ${onConflict[name] ?? `excluded.${name}`}`);
  return `
insert into ${table} as t (district_id, gg4l_id, first_seen_at, ${names.join(', ')})
select r._district, r._id, r._first, ${Object.values(values).join(', ')}
from json_to_recordset($1::json) as r(${recordset.join(', ')})
where not exists (
  select from ${table} s
  where s.district_id = r._district and s.gg4l_id = r._id and s.generation >= r._generation)
on conflict (district_id, gg4l_id) do update set ${assignments.join(', ')}
where t.generation < excluded.generation`;
}

function recordsetColumn({ attribute, sqlType }: Column): string {
  return `${quote(attribute)} ${sqlType}`;
}

function quote(identifier: string): string {
  return `"${identifier}"`;
}
