/*
 * Of changes, those that would be written: asked by key and generation alone, where the last write of a place wrote
 * nothing. A replay of what is applied then costs a look at the primary key, and no column is sent.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ArchiveRow, FoldedChanges, RecordRow } from '#roster-consumer';
import { toArrayLiteral } from './array-literals.js';
import { tableOf } from './columns.js';
import type { Statements } from './roster-database.js';

const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [
    type,
    `select r.at::integer from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality
  as r(district_id, gg4l_id, generation, at)
where not exists (
  select from ${tableOf(type)} s
  where s.district_id = r.district_id collate "C" and s.gg4l_id = r.gg4l_id collate "C"
    and s.generation >= r.generation)`,
  ]),
) as Readonly<Record<EntityType, string>>;

export async function newerChanges(
  statements: Statements,
  type: EntityType,
  changes: FoldedChanges,
): Promise<FoldedChanges> {
  const { records, archives } = changes;
  return {
    ...changes,
    records: await newer(statements, type, records),
    archives: await newer(statements, type, archives),
  };
}

async function newer<R extends RecordRow | ArchiveRow>(
  statements: Statements,
  type: EntityType,
  rows: readonly R[],
): Promise<readonly R[]> {
  if (rows.length === 0) return rows;
  const { rows: found } = await statements.query<{ at: number }>({
    name: `newer of ${type}`,
    text: STATEMENTS[type],
    values: [
      toArrayLiteral(rows.map(({ districtId }) => districtId)),
      toArrayLiteral(rows.map(({ event }) => event.subject)),
      toArrayLiteral(rows.map(({ event }) => String(event.generation))),
    ],
  });
  if (found.length === rows.length) return rows;
  return found.flatMap(({ at }) => rows[at - 1] ?? []);
}
