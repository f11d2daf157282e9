/*
 * Of changes, those that would be written: asked by key, generation and offset alone, where the last write of a place
 * wrote nothing. A replay of what is applied then costs a look at the primary key, and no column is sent. The same look
 * tells which of the others a shadow cannot be, so that nobody has to look again.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ArchiveRow, FoldedChanges, RecordRow } from '#roster-consumer';
import { toArrayLiteral } from './array-literals.js';
import { tableOf } from './columns.js';
import type { Statements } from './roster-database.js';

export interface NewerChanges {
  /** Those that would be written. */
  readonly due: FoldedChanges;
  /** Offsets of changes whose rows came from them or from a higher offset, or are of the same generation. */
  readonly settled: ReadonlySet<bigint>;
}

type AnyRow = RecordRow | ArchiveRow;

/** Gives what would be written, and what may be a shadow. */
const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [
    type,
    `select r.at::integer, s.generation is null or s.generation < r.generation as due
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) with ordinality
  as r(district_id, gg4l_id, generation, log_offset, at)
left join ${tableOf(type)} s on s.district_id = r.district_id collate "C" and s.gg4l_id = r.gg4l_id collate "C"
where s.generation is null or s.generation < r.generation
  or (s.generation > r.generation and s.log_offset < r.log_offset)`,
  ]),
) as Readonly<Record<EntityType, string>>;

export async function newerChanges(
  statements: Statements,
  type: EntityType,
  changes: FoldedChanges,
): Promise<NewerChanges> {
  const settled = new Set<bigint>();
  const records = await newer(statements, type, changes.records, settled);
  const archives = await newer(statements, type, changes.archives, settled);
  return { due: { ...changes, records, archives }, settled };
}

async function newer<R extends AnyRow>(
  statements: Statements,
  type: EntityType,
  rows: readonly R[],
  settled: Set<bigint>,
): Promise<readonly R[]> {
  if (rows.length === 0) return rows;
  const { rows: found } = await statements.query<{ at: number; due: boolean }>({
    name: `newer of ${type}`,
    text: STATEMENTS[type],
    values: [
      toArrayLiteral(rows.map(({ districtId }) => districtId)),
      toArrayLiteral(rows.map(({ event }) => event.subject)),
      toArrayLiteral(rows.map(({ event }) => String(event.generation))),
      toArrayLiteral(rows.map(({ offset }) => offset.toString())),
    ],
  });
  const open = new Set(found.map(({ at }) => at - 1));
  for (const [at, { offset }] of rows.entries()) if (!open.has(at)) settled.add(offset);
  const due = found.filter((one) => one.due).map(({ at }) => at - 1);
  return due.sort((a, b) => a - b).flatMap((at) => rows[at] ?? []);
}
