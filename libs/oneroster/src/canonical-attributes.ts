import { ENTITY_TYPES, type EntityType } from '#contracts';
import { TYPE_DESCRIPTIONS } from './attribute-descriptions.js';
import { RECORD_TABLES, type ValueKind } from './attribute-tables.js';

/** How a canonical attribute is held; every canonical value casts to it. */
export type CanonicalKind = 'text' | 'boolean' | 'date' | 'text[]' | 'json';

export interface CanonicalAttribute {
  readonly name: string;
  readonly kind: CanonicalKind;
  /** What it says, in a few words. */
  readonly description: string;
  /** Type that the id, or the ids, point to. */
  readonly reference?: EntityType;
}

const CANONICAL_KINDS: Readonly<Record<ValueKind, CanonicalKind>> = {
  text: 'text',
  boolean: 'boolean',
  date: 'date',
  schoolYear: 'text',
  texts: 'text[]',
  codes: 'text[]',
  objects: 'json',
  reference: 'text',
  references: 'text[]',
};

const ATTRIBUTES = new Map(ENTITY_TYPES.map((type) => [type, canonicalAttributes(type)]));

/** A type's canonical attributes, without `sourcedId` and `extensions`, which every record may have. */
export function attributesOf(type: EntityType): readonly CanonicalAttribute[] {
  return ATTRIBUTES.get(type) ?? [];
}

/** What one record of a type is, in a few words. */
export function describeRecord(type: EntityType): string {
  return TYPE_DESCRIPTIONS[type].record;
}

/** Keys under which an answer may hold this collection: the standard's first, then those met. */
export function collectionKeys(type: EntityType): readonly string[] {
  return RECORD_TABLES[type].collectionKeys;
}

function canonicalAttributes(type: EntityType): readonly CanonicalAttribute[] {
  return Object.entries(RECORD_TABLES[type].attributes).map(([name, { kind, to }]) => ({
    name,
    kind: CANONICAL_KINDS[kind],
    description: TYPE_DESCRIPTIONS[type].attributes[name] ?? '',
    ...(to === undefined ? {} : { reference: to }),
  }));
}
