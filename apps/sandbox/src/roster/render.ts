/*
 * Plain records as School Passport's OneRoster JSON: references with `href`, extensions as `metadata`, booleans now as
 * booleans, now as text. Built by concatenation: rendering is the cost of a page.
 */
import type { EntityType } from '#contracts';
import { ATTRIBUTES, type Attribute, type PlainRecord } from './plain-record.js';

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
/** A value that an edit made something else than its kind goes out as it is. */
const asIs = (value: unknown): string => JSON.stringify(value) ?? 'null';

/** Renders records with `href`s below `oneRosterUrl`, which has no slash at its end. */
export function createRenderer(oneRosterUrl: string): Renderer {
  const reference = (to: EntityType, id: unknown): string => {
    if (typeof id !== 'string') return asIs(id);
    const path = NEEDS_PERCENT.test(id) ? encodeURIComponent(id) : id;
    return `{"href":"${oneRosterUrl}/${to}/${path}","sourcedId":${quote(id)},"type":"${REFERENCE_TYPES[to]}"}`;
  };
  const listOf = (values: unknown, one: (value: unknown) => string): string => {
    if (!Array.isArray(values)) return asIs(values);
    let text = '';
    for (const value of values) text += text === '' ? one(value) : `,${one(value)}`;
    return `[${text}]`;
  };
  const textOf = (value: unknown): string => (typeof value === 'string' ? quote(value) : asIs(value));
  const valueOf = ({ kind, to }: Attribute, value: unknown): string => {
    switch (kind) {
      case 'text':
        return textOf(value);
      case 'boolean':
        return asIs(value);
      case 'booleanText':
        return typeof value === 'boolean' ? `"${value}"` : asIs(value);
      case 'list':
        return listOf(value, textOf);
      case 'reference':
        return reference(to, value);
      case 'references':
        return listOf(value, (id) => reference(to, id));
      case 'userIds':
        return asIs(value);
    }
  };
  return (type, record) => {
    let text =
      `{"sourcedId":${quote(record.sourcedId)},"status":"${record.status}",` +
      `"dateLastModified":"${record.dateLastModified}"`;
    for (const attribute of ATTRIBUTES[type]) {
      const value = record[attribute.name];
      if (value !== undefined) text += `,"${attribute.name}":${valueOf(attribute, value)}`;
      else if (attribute.blank) text += `,"${attribute.name}":${attribute.kind === 'text' ? '""' : '[]'}`;
    }
    const { extensions } = record;
    return `${text}${typeof extensions === 'object' && extensions !== null ? withExtensions(extensions) : ''}}`;
  };
}

function withExtensions(extensions: object): string {
  let text = '';
  for (const [name, value] of Object.entries(extensions)) text += `,${quote(name)}:${asIs(value)}`;
  return text;
}
