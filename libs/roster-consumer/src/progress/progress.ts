/*
 * How far a copy has come, by the watermarks it has passed. A district is complete up to the lowest generation that
 * all partitions of all types have passed: everything up to it lies above those lines, and the copy has applied it.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';

/** The copy holds everything of this district, type and partition up to the generation. */
export interface PassedLine {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly partition: number;
  readonly generation: number;
}

/** Where lines are kept: beside the copy, and where all processes of the group see them. */
export interface Progress {
  /** Never lowers what is kept of the same district, type and partition. */
  pass(lines: readonly PassedLine[]): Promise<void>;
  passed(districtId: string): Promise<readonly PassedLine[]>;
}

/** How many partitions the topic of each type has; types without a number are not read. */
export type Partitions = Partial<Readonly<Record<EntityType, number>>>;

/** The generation up to which all partitions of these types have come; 0 if one has not passed any. */
export function completeTo(
  lines: readonly PassedLine[],
  types: readonly EntityType[],
  partitions: Partitions,
): number {
  const lowest = types.map((type) => {
    const own = lines.filter(({ entityType }) => entityType === type);
    const missing = own.length < (partitions[type] ?? 0);
    return missing ? 0 : Math.min(...own.map(({ generation }) => generation));
  });
  return Math.min(...lowest);
}

/** The types among these whose records those of `type` may refer to. */
export function parentsOf(type: EntityType, among: readonly EntityType[]): readonly EntityType[] {
  return ENTITY_TYPES.slice(0, ENTITY_TYPES.indexOf(type)).filter((parent) => among.includes(parent));
}

export function typesOf(partitions: Partitions): readonly EntityType[] {
  return ENTITY_TYPES.filter((type) => partitions[type] !== undefined);
}
