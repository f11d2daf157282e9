import type { EntityType } from '#contracts';
import { attributesOf, type CanonicalAttribute, type CanonicalKind } from '#oneroster';

/** A OneRoster attribute as the roster tables hold it. */
export interface Column {
  /** OneRoster's name, the key in an event's `data`. */
  readonly attribute: string;
  readonly name: string;
  readonly sqlType: string;
  readonly description: string;
}

const SQL_TYPES: Readonly<Record<CanonicalKind, string>> = {
  text: 'text',
  boolean: 'boolean',
  date: 'date',
  'text[]': 'text[]',
  json: 'jsonb',
};

/** `academicSessions` → `academic_sessions`. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function tableOf(type: EntityType): string {
  return `roster.${toSnakeCase(type)}`;
}

/** The attributes' columns, and `extensions`. */
export function columnsOf(type: EntityType): readonly Column[] {
  const columns = attributesOf(type).map((attribute) => ({
    attribute: attribute.name,
    name: toSnakeCase(attribute.name),
    sqlType: SQL_TYPES[attribute.kind],
    description: describe(attribute),
  }));
  return [...columns, EXTENSIONS];
}

const EXTENSIONS: Column = {
  attribute: 'extensions',
  name: 'extensions',
  sqlType: 'jsonb',
  description: 'what OneRoster does not name, and values that do not fit their attribute',
};

function describe({ description, kind, reference }: CanonicalAttribute): string {
  if (reference === undefined) return description;
  return `${description} (${kind === 'text[]' ? 'ids' : 'id'} in roster.${toSnakeCase(reference)})`;
}
