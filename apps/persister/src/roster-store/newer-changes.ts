/*
 * What the tables say of changes before they are written: asked by key, generation and offset alone, so that a replay of
 * what is applied costs a look at the primary key and no column is sent. The same look tells which rows are new, and
 * which of the others a shadow cannot be, so that nobody has to look again.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ArchiveRow, FoldedChanges, RecordRow } from '#roster-consumer';
import { toArrayLiteral } from './array-literals.js';
import { tableOf } from './columns.js';
import type { Statements } from './roster-database.js';

export interface NewerChanges {
  /** Those that would be written. */
  readonly due: FoldedChanges;
  /** Offsets of those due that have no row. */
  readonly absent: ReadonlySet<bigint>;
  /** Offsets of changes whose rows came from them or from a higher offset, or are of the same generation. */
  readonly settled: ReadonlySet<bigint>;
}

type AnyRow = RecordRow | ArchiveRow;

const ABSENT = 'a';
const DUE = 'd';
const OPEN = 'o';
const SETTLED = 's';

/** One letter for each change, in their order. */
const STATEMENTS = Object.fromEntries(
  ENTITY_TYPES.map((type) => [
    type,
    `select string_agg(case
  when s.gg4l_id is null then '${ABSENT}'
  when s.generation is null or s.generation < r.generation then '${DUE}'
  when s.generation > r.generation and s.log_offset < r.log_offset then '${OPEN}'
  else '${SETTLED}' end, '' order by r.at) as states
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) with ordinality
  as r(district_id, gg4l_id, generation, log_offset, at)
left join ${tableOf(type)} s on s.district_id = r.district_id collate "C" and s.gg4l_id = r.gg4l_id collate "C"`,
  ]),
) as Readonly<Record<EntityType, string>>;

export async function newerChanges(
  statements: Statements,
  type: EntityType,
  changes: FoldedChanges,
): Promise<NewerChanges> {
  const offsets = { settled: new Set<bigint>(), absent: new Set<bigint>() };
  const records = await newer(statements, type, changes.records, offsets);
  const archives = await newer(statements, type, changes.archives, offsets);
  return { due: { ...changes, records, archives }, ...offsets };
}

async function newer<R extends AnyRow>(
  statements: Statements,
  type: EntityType,
  rows: readonly R[],
  { settled, absent }: Readonly<Record<'settled' | 'absent', Set<bigint>>>,
): Promise<readonly R[]> {
  if (rows.length === 0) return rows;
  const { rows: found } = await statements.query<{ states: string }>({
    name: `newer of ${type}`,
    text: STATEMENTS[type],
    values: [
      toArrayLiteral(rows.map(({ districtId }) => districtId)),
      toArrayLiteral(rows.map(({ event }) => event.subject)),
      toArrayLiteral(rows.map(({ event }) => String(event.generation))),
      toArrayLiteral(rows.map(({ offset }) => offset.toString())),
    ],
  });
  const states = found[0]?.states ?? '';
  if (states.length !== rows.length) throw new Error(`${states.length} answers for ${rows.length} changes`);
  return rows.filter(({ offset }, at) => {
    const state = states[at];
    if (state === SETTLED) settled.add(offset);
    if (state === ABSENT) absent.add(offset);
    return state === DUE || state === ABSENT;
  });
}
