/*
 * What a customer needs of a district; the rest is left out before the fingerprint, so that nobody ever sees it. The
 * GG4L ID always stays, and so do a record's withdrawal, `dateLastModified` and the hash of its school, which travel
 * beside it. Names: a type's own attributes by OneRoster's name; `extensions` (all of them, metadata too) or
 * `extensions.<name>`; `metadata` or `metadata.<key>`.
 */
import type { EntityType, PerType } from '#contracts';
import { isObject } from './canonical-json.js';
import { COMPILED_TABLES } from './compiled-table.js';

/** What is left out allows everything. */
export interface AllowList {
  /** Types that are read at all. */
  readonly types?: readonly EntityType[];
  readonly attributes?: PerType<readonly string[]>;
}

/** One type's part of an allow-list, as reading wants it. */
export interface Allowed {
  isAttribute(name: string): boolean;
  /** What is left of a member of `extensions`; undefined: nothing. */
  ofExtension(name: string, value: unknown): unknown;
}

const METADATA = 'metadata';
const EXTENSIONS = 'extensions';

/** Whether the type is read at all. */
export function allowsType(allow: AllowList | null, type: EntityType): boolean {
  return allow?.types?.includes(type) !== false;
}

/** Undefined: every attribute of the type. */
export function allowedOf(allow: AllowList | null, type: EntityType): Allowed | undefined {
  const names = allow?.attributes?.[type];
  return names === undefined ? undefined : new AllowedNames(type, names);
}

/** Whether a name can stand in the allow-list of a type: a misspelt one would leave out what it was to allow. */
export function isAllowedName(type: EntityType, name: string): boolean {
  const [room, ...rest] = name.split('.');
  if (room === METADATA || room === EXTENSIONS) return rest.length === 0 || rest.join('.') !== '';
  return COMPILED_TABLES[type].attributes.has(name);
}

class AllowedNames implements Allowed {
  private readonly names: ReadonlySet<string>;
  private readonly metadataKeys: ReadonlySet<string>;
  private readonly allExtensions: boolean;

  constructor(
    private readonly type: EntityType,
    names: readonly string[],
  ) {
    this.names = new Set([...names, 'sourcedId']);
    const keys = names.filter((name) => name.startsWith(`${METADATA}.`));
    this.metadataKeys = new Set(keys.map((name) => name.slice(METADATA.length + 1)));
    this.allExtensions = this.names.has(EXTENSIONS);
  }

  isAttribute(name: string): boolean {
    return this.names.has(name);
  }

  ofExtension(name: string, value: unknown): unknown {
    // A value that did not fit its attribute is kept under the attribute's name.
    if (COMPILED_TABLES[this.type].attributes.has(name)) return this.names.has(name) ? value : undefined;
    if (this.allExtensions || this.names.has(`${EXTENSIONS}.${name}`)) return value;
    if (name !== METADATA) return undefined;
    return this.names.has(METADATA) ? value : this.ofMetadata(value);
  }

  private ofMetadata(value: unknown): unknown {
    if (!isObject(value) || this.metadataKeys.size === 0) return undefined;
    return Object.fromEntries(Object.entries(value).filter(([key]) => this.metadataKeys.has(key)));
  }
}
