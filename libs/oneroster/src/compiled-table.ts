import { ENTITY_TYPES, type EntityType } from '#contracts';
import { RECORD_TABLES, type Attribute } from './attribute-tables.js';
import { EMPTY, MASKED, MISSING, type Warning } from './warnings.js';

/** An attribute as the reading loop wants it. */
export interface Slot extends Attribute {
  readonly name: string;
  /** `"name":` */
  readonly keyText: string;
  readonly namesSchool: boolean;
  /** Target type if its ids are listed for the check that references close. */
  readonly checked: EntityType | undefined;
  /** What is said of an attribute without a value; made once, because a source may lack it in every record. */
  readonly missing: Warning;
  readonly empty: Warning;
  readonly masked: Warning;
}

export interface CompiledTable {
  /** Attributes before and after `extensions` in the order of RFC 8785; `sourcedId` is one of them. */
  readonly head: readonly Slot[];
  readonly tail: readonly Slot[];
  readonly schoolIsOwnId: boolean;
  /** Their names, without `sourcedId`. */
  readonly attributes: ReadonlySet<string>;
  /** Keys of a source record that never reach `extensions` by themselves. */
  readonly known: ReadonlySet<string>;
  readonly unorderedExtensions: ReadonlySet<string>;
}

const ENVELOPE = ['status', 'dateLastModified', 'metadata', 'extensions', 'href'];

function compile(type: EntityType): CompiledTable {
  const table = RECORD_TABLES[type];
  const attributes: Record<string, Attribute> = { ...table.attributes, sourcedId: { kind: 'text' } };
  const names = Object.keys(attributes).sort();
  const slots = names.map((name): Slot => {
    const attribute = attributes[name] ?? { kind: 'text' };
    return {
      ...attribute,
      name,
      keyText: `"${name}":`,
      namesSchool: name === table.school,
      checked: table.checksReferences ? attribute.to : undefined,
      missing: { attribute: name, reason: MISSING },
      empty: { attribute: name, reason: EMPTY },
      masked: { attribute: name, reason: MASKED },
    };
  });
  return {
    head: slots.filter(({ name }) => name < 'extensions'),
    tail: slots.filter(({ name }) => name > 'extensions'),
    schoolIsOwnId: table.school === 'sourcedId',
    attributes: new Set(Object.keys(table.attributes)),
    known: new Set([...names, ...ENVELOPE]),
    unorderedExtensions: new Set(table.unorderedExtensions),
  };
}

export const COMPILED_TABLES = Object.fromEntries(
  ENTITY_TYPES.map((type) => [type, compile(type)]),
) as Readonly<Record<EntityType, CompiledTable>>;
