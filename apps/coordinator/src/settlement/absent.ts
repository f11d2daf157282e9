/*
 * Whom a plan would archive without the source having said so: records that are absent, not withdrawn. They are what
 * point 6 of the proof asks for one by one, up to 50 a type, taken from all partitions alike.
 */
import { ENTITY_TYPES, type EntityType, type PerType, type TypePlan } from '#contracts';
import type { Absent, Confirmation, PartitionPlan } from './runs.js';

const ASKED_PER_TYPE = 50;

/** Types of which nobody is absent are left out. */
export function absentOf(answers: readonly PartitionPlan[]): PerType<Absent> {
  const found: Partial<Record<EntityType, Absent>> = {};
  for (const type of ENTITY_TYPES) {
    const parts = answers.flatMap(({ types }) => (types[type] === undefined ? [] : [absentIn(types[type])]));
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    if (count > 0)
      found[type] = { count, ids: inTurns(parts.map(({ ids }) => ids)).slice(0, ASKED_PER_TYPE) };
  }
  return found;
}

/** A reconciler of the version before tells absent and withdrawn ones together. */
function absentIn({ absent, stale, staleIds }: TypePlan): Absent {
  return absent ?? { count: stale, ids: staleIds };
}

function inTurns(lists: readonly (readonly string[])[]): readonly string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list[turn] ?? [])).flat();
}

/** Point 6 of a plan in which nobody is to be asked for; null: somebody is. */
export function confirmationOf(absent: PerType<Absent>): Confirmation | null {
  if (Object.keys(absent).length > 0) return null;
  return { point: 6, state: 'proven', finding: 'No record is absent.', stillThere: {} };
}
