/*
 * Plain records as School Passport's OneRoster JSON: references with `href`, extensions as `metadata`, booleans now as
 * booleans, now as text. Built by concatenation: rendering is the cost of a page.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { ServiceKind } from '../sharing/service-kind.js';
import { ATTRIBUTES, type Attribute, type PlainRecord } from './plain-record.js';
import { usersOfVersion12 } from './render-1p2.js';

export type Renderer = (type: EntityType, record: PlainRecord) => string;

const REFERENCE_TYPES: Readonly<Record<EntityType, string>> = {
  orgs: 'org',
  academicSessions: 'academicSession',
  courses: 'course',
  classes: 'class',
  users: 'user',
  demographics: 'demographics',
  enrollments: 'enrollment',
};
const NEEDS_ESCAPE = /[\u0000-\u001f"\\\ud800-\udfff]/;
const NEEDS_PERCENT = /[^A-Za-z0-9._~-]/;

const quote = (text: string): string => (NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`);
/** Any value as JSON; of a record's few and small values faster than `JSON.stringify`. */
function asIs(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(asIs).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${membersOf(value)}}`;
}

function membersOf(value: object): string {
  let text = '';
  for (const [name, member] of Object.entries(value)) {
    text += `${text === '' ? '' : ','}${quote(name)}:${asIs(member)}`;
  }
  return text;
}

/** An attribute with the texts around its value. */
interface Field extends Attribute {
  readonly key: string;
  readonly empty: string;
  readonly hrefStart: string;
  readonly referenceEnd: string;
}

function toField(attribute: Attribute, oneRosterUrl: string): Field {
  const key = `,"${attribute.name}":`;
  return {
    ...attribute,
    key,
    empty: attribute.blank ? `${key}${attribute.kind === 'text' ? '""' : '[]'}` : '',
    hrefStart: `{"href":"${oneRosterUrl}/${attribute.to}/`,
    referenceEnd: `","type":"${REFERENCE_TYPES[attribute.to]}"}`,
  };
}

/** Attributes of users that 1.2 shows otherwise. */
const NOT_IN_1_2: ReadonlySet<string> = new Set(['role', 'orgs']);

/** Renders records with `href`s below `oneRosterUrl`, which has no slash at its end. */
export function createRenderer(oneRosterUrl: string, version: ServiceKind['version'] = '1.1'): Renderer {
  const isShown = (type: EntityType, { name }: Attribute): boolean =>
    version === '1.1' || type !== 'users' || !NOT_IN_1_2.has(name);
  const fieldsOf = new Map(
    ENTITY_TYPES.map((type) => [
      type,
      ATTRIBUTES[type]
        .filter((attribute) => isShown(type, attribute))
        .map((attribute) => toField(attribute, oneRosterUrl)),
    ]),
  );
  return (type, record) => {
    let text =
      `{"sourcedId":${quote(record.sourcedId)},"status":"${record.status}",` +
      `"dateLastModified":"${record.dateLastModified}"`;
    for (const field of fieldsOf.get(type) ?? []) {
      const value = record[field.name];
      text += value === undefined ? field.empty : field.key + valueOf(field, value);
    }
    if (version === '1.2' && type === 'users') text += usersOfVersion12(record, oneRosterUrl);
    const { extensions } = record;
    const extra = typeof extensions === 'object' && extensions !== null ? membersOf(extensions) : '';
    return extra === '' ? `${text}}` : `${text},${extra}}`;
  };
}

function valueOf(field: Field, value: unknown): string {
  switch (field.kind) {
    case 'text':
    case 'boolean':
    case 'userIds':
    case 'list':
      return asIs(value);
    case 'booleanText':
      return typeof value === 'boolean' ? `"${value}"` : asIs(value);
    case 'reference':
      return referenceTo(field, value);
    case 'references':
      return Array.isArray(value) ? `[${value.map((id) => referenceTo(field, id)).join(',')}]` : asIs(value);
  }
}

function referenceTo({ hrefStart, referenceEnd }: Field, id: unknown): string {
  if (typeof id !== 'string') return asIs(id);
  if (!NEEDS_PERCENT.test(id)) return `${hrefStart}${id}","sourcedId":"${id}${referenceEnd}`;
  const escaped = JSON.stringify(id).slice(1, -1);
  return `${hrefStart}${encodeURIComponent(id)}","sourcedId":"${escaped}${referenceEnd}`;
}
