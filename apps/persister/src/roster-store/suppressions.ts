/*
 * What is left of changes of records on the list of the erased: nothing of what was before the erasure was complete; of
 * what a run that was under way still publishes an empty row, which the watermark counts until the erasure removes it.
 * An enrollment goes with the user that it names, whoever had it before: only one that names nobody goes by its own hash.
 */
import { recordHash, type EntityType } from '#contracts';
import type { ArchiveRow, FoldedChanges, RecordRow } from '#roster-consumer';
import type { Statements } from './roster-database.js';

/** Generation up to which a record is forgotten, by type and record hash in hex. */
export type Suppressions = ReadonlyMap<string, number>;

/** Held by who writes rows or letters, shared; and alone by who changes the list: nothing is written by a list that is outdated. */
export const SUPPRESSIONS_LOCK = `hashtextextended('rollcall suppressions', 0)`;

/** Begins a transaction that writes rows, or letters. */
export const BY_THE_LIST = `select pg_advisory_xact_lock_shared(${SUPPRESSIONS_LOCK})`;

const LOAD = `select entity_type || '/' || encode(record_hash, 'hex') as key, forgotten_to from roster.suppressions
where entity_type = $1 or entity_type = 'users'`;

export async function loadSuppressions(statements: Statements, type: EntityType): Promise<Suppressions> {
  const { rows } = await statements.query<{ key: string; forgotten_to: string }>({
    name: 'suppressions',
    text: LOAD,
    values: [type],
  });
  return new Map(rows.map(({ key, forgotten_to }) => [key, Number(forgotten_to)]));
}

export function suppressionKey(districtId: string, type: EntityType, gg4lId: string): string {
  return `${type}/${recordHash(districtId, type, gg4lId).toString('hex')}`;
}

/** Whose enrollment a record is, if it says so. */
export function userNamed(type: EntityType, record: unknown): string | null {
  if (type !== 'enrollments' || typeof record !== 'object' || record === null) return null;
  const { user } = record as { readonly user?: unknown };
  return typeof user === 'string' && user !== '' ? user : null;
}

export function suppress(type: EntityType, changes: FoldedChanges, list: Suppressions): FoldedChanges {
  if (list.size === 0) return changes;
  return {
    ...changes,
    records: changes.records.flatMap((row) => suppressRecord(type, row, list)),
    archives: changes.archives.filter((row) => !isForgotten(type, row, list)),
  };
}

function suppressRecord(type: EntityType, row: RecordRow, list: Suppressions): RecordRow[] {
  const { districtId, event } = row;
  if (isForgotten(type, row, list)) return [];
  const user = userNamed(type, event.data);
  const whose =
    user === null
      ? suppressionKey(districtId, type, event.subject)
      : suppressionKey(districtId, 'users', user);
  if (!list.has(whose)) return [row];
  const emptied = { ...event, data: { sourcedId: event.subject } };
  delete emptied.datelastmodified;
  return [{ ...row, event: emptied }];
}

function isForgotten(
  type: EntityType,
  { districtId, event }: RecordRow | ArchiveRow,
  list: Suppressions,
): boolean {
  return event.generation <= (list.get(suppressionKey(districtId, type, event.subject)) ?? -1);
}
