import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { allowedOf, attributesOf, readRecord, type CanonicalKind, type RecordReading } from './index.js';

type Read = Extract<RecordReading, { kind: 'record' }>;
type Raw = Readonly<Record<string, unknown>>;

const NAMES = [...new Set(ENTITY_TYPES.flatMap((type) => attributesOf(type).map(({ name }) => name)))];
const OTHER_KEYS = [
  'status',
  'dateLastModified',
  'metadata',
  'extensions',
  'agentSourceIds',
  'birthdate',
  'roles',
];

const RUNS = { numRuns: 1_000 };

const type = fc.constantFrom(...ENTITY_TYPES);
const text = fc.oneof(
  fc.constantFrom(
    '',
    '\0',
    'true',
    'T',
    '0',
    '2026-08-31T10:00:00Z',
    '2026-02-30',
    '2026-2027',
    '09,10',
    'a,b',
    'active',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('\ud800', '\udc00', '\0', 'a', '"', '\\', '\u2028'), maxLength: 5 }),
);
const id = fc.constantFrom('a', 'A', 'b', 'ä', 'x|y', 7);
const reference = fc.oneof(id, fc.record({ sourcedId: id, href: fc.webUrl(), type: fc.constant('org') }));
const inexact = fc.constantFrom(2 ** 53, -(2 ** 60));
const plain = fc.oneof(text, id, fc.boolean(), fc.constant(null), fc.double(), inexact);
const value = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 2, arbitrary: fc.array(plain, { maxLength: 4 }) },
  { weight: 3, arbitrary: reference },
  { weight: 2, arbitrary: fc.array(reference, { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.oneof(text, fc.constantFrom('href', 'password', 'metadata')), fc.jsonValue()),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const key = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.constantFrom(...OTHER_KEYS) },
  { weight: 1, arbitrary: text },
);
const raw: fc.Arbitrary<Raw> = fc
  .tuple(id, fc.dictionary(key, value, { maxKeys: 12 }))
  .map(([sourcedId, attributes]) => ({ ...attributes, sourcedId }));

/** Runs a check on objects that are read as records; broken ones say nothing here. */
function check(name: string, property: (type: EntityType, raw: Raw, reading: Read) => void): void {
  it(name, () => {
    let records = 0;
    fc.assert(
      fc.property(type, raw, (anyType, anyRaw) => {
        const reading = readRecord(anyType, anyRaw);
        if (reading.kind !== 'record') return;
        records += 1;
        property(anyType, anyRaw, reading);
      }),
      RUNS,
    );
    expect(records).toBeGreaterThan(300);
  });
}

/** RFC 8785 the short way. */
function plainRfc8785(anything: unknown): string {
  if (typeof anything !== 'object' || anything === null) return JSON.stringify(anything);
  if (Array.isArray(anything)) return `[${anything.map(plainRfc8785).join(',')}]`;
  const object = anything as Raw;
  const members = Object.keys(object).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${plainRfc8785(object[name])}`).join(',')}}`;
}

/** Members of every level, last first. */
function reversed(anything: unknown): unknown {
  if (typeof anything !== 'object' || anything === null || Array.isArray(anything)) return anything;
  const entries = Object.entries(anything).toReversed();
  return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]));
}

const FITS: Readonly<Record<CanonicalKind, (held: unknown) => boolean>> = {
  text: (held) => typeof held === 'string' && held !== '',
  boolean: (held) => typeof held === 'boolean',
  date: (held) =>
    typeof held === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(held) &&
    new Date(`${held}T00:00:00Z`).toISOString().startsWith(held),
  'text[]': (held) =>
    Array.isArray(held) && held.length > 0 && held.every((one) => typeof one === 'string' && one !== ''),
  json: (held) => Array.isArray(held) && held.length > 0,
};

describe('a canonical record, for any source', () => {
  check('is read as itself', (anyType, _raw, reading) => {
    const again = readRecord(anyType, JSON.parse(reading.canonical.toString()));
    expect(again).toMatchObject({ kind: 'record', gg4lId: reading.gg4lId });
    expect((again as Read).canonical.toString()).toBe(reading.canonical.toString());
    expect((again as Read).schoolHash).toEqual(reading.schoolHash);
    expect((again as Read).references).toEqual(reading.references);
  });

  check('is RFC 8785: sorted keys, printed as ECMAScript prints, valid Unicode', (_type, _raw, reading) => {
    const written = reading.canonical.toString();
    expect(written).toBe(plainRfc8785(JSON.parse(written)));
    expect(written).not.toMatch(/\0|\\u0000|\\ud[89a-f]/);
    expect(written).not.toMatch(/[\ud800-\udfff]/u);
  });

  check(
    'does not depend on key order, dateLastModified, href or an active status',
    (anyType, anyRaw, reading) => {
      const jittered = {
        ...(reversed(anyRaw) as Raw),
        dateLastModified: '2026-01-01T00:00:00Z',
        href: 'https://host/x',
      };
      expect((readRecord(anyType, jittered) as Read).fingerprint).toEqual(reading.fingerprint);
    },
  );

  check('does not depend on the order of lists without one', (anyType, anyRaw, reading) => {
    const jittered: Record<string, unknown> = { ...anyRaw };
    for (const { name, kind } of attributesOf(anyType)) {
      const held = jittered[name];
      if ((kind === 'text[]' || kind === 'json') && Array.isArray(held)) jittered[name] = held.toReversed();
    }
    expect((readRecord(anyType, jittered) as Read).canonical.toString()).toBe(reading.canonical.toString());
  });

  check('casts to its columns', (anyType, _raw, reading) => {
    const canonical = JSON.parse(reading.canonical.toString()) as Raw;
    const attributes = new Map(attributesOf(anyType).map(({ name, kind }) => [name, kind]));
    for (const [name, held] of Object.entries(canonical)) {
      if (name === 'sourcedId' || name === 'extensions') continue;
      const kind = attributes.get(name);
      expect(kind).toBeDefined();
      expect([name, held, kind !== undefined && FITS[kind](held)]).toEqual([name, held, true]);
    }
  });

  check('holds under an allow-list only what that names, and is read as itself', (anyType, anyRaw) => {
    const attributes = attributesOf(anyType).map(({ name }) => name);
    const names = [...attributes.filter((_, n) => n % 2 === 0), 'metadata.a', 'extensions.roles'];
    const allowed = allowedOf({ attributes: { [anyType]: names } }, anyType);
    const reading = readRecord(anyType, anyRaw, allowed);
    if (reading.kind !== 'record') return;
    const canonical = JSON.parse(reading.canonical.toString()) as Raw;
    const { extensions = {}, ...held } = canonical as { readonly extensions?: Raw };
    expect([...names, 'sourcedId']).toEqual(expect.arrayContaining(Object.keys(held)));
    expect([...names, 'metadata', 'roles']).toEqual(expect.arrayContaining(Object.keys(extensions)));
    const again = readRecord(anyType, canonical, allowed) as Read;
    expect(again.canonical.toString()).toBe(reading.canonical.toString());
  });

  check('holds no empty value', (_type, _raw, reading) => {
    expect(reading.canonical.toString()).not.toMatch(/:(null|""|\[\]|\{\})[,}]/);
  });
});

describe('reading', () => {
  it('never throws, whatever the source sends', () => {
    fc.assert(
      fc.property(type, fc.anything(), (anyType, anything) => void readRecord(anyType, anything)),
      RUNS,
    );
    fc.assert(
      fc.property(type, fc.jsonValue(), (anyType, anything) => void readRecord(anyType, anything)),
      RUNS,
    );
  });
});
