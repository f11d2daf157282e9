/*
 * One pure place that says what a roster record is. Equal content gives equal bytes and so an equal fingerprint,
 * whatever the source's key order, spelling of values or order of sets; `status`, `dateLastModified` and `href` are
 * not content. Reading a canonical record again gives the same bytes. Nothing here throws on any input that came
 * out of JSON, and no reason or warning carries a value.
 */
import { NO_SCHOOL, schoolHash, type EntityType } from '#contracts';
import { isObject, type Source } from './canonical-json.js';
import { COMPILED_TABLES, type CompiledTable } from './compiled-table.js';
import { writeExtensions, type Warning } from './extensions.js';
import { encodeCanonical } from './fingerprint.js';
import { readGg4lId } from './gg4l-id.js';
import { readSlots, type Gathered, type Reference } from './read-attributes.js';
import { cleanText } from './text.js';

export type RecordReading =
  | {
      readonly kind: 'record';
      readonly gg4lId: string;
      readonly withdrawn: boolean;
      /** UTF-8 bytes of the canonical record, RFC 8785 JSON. */
      readonly canonical: Buffer;
      /** 16 bytes. */
      readonly fingerprint: Buffer;
      /** 8 bytes; NO_SCHOOL where there is none. */
      readonly schoolHash: Buffer;
      /** As the source spells it, at most 64 characters; '' if absent. */
      readonly dateLastModified: string;
      /** Targets of courses, classes and enrollments, for the check that references close. */
      readonly references: readonly Reference[];
      readonly warnings: readonly Warning[];
    }
  | {
      readonly kind: 'quarantined';
      readonly gg4lId: string;
      readonly withdrawn: boolean;
      readonly attribute: string;
      readonly reason: string;
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

const MAX_DATE_LAST_MODIFIED_LENGTH = 64;
const WITHDRAWN = new Set(['tobedeleted', 'inactive']);
const MAX_REMEMBERED_SCHOOLS = 1_000;
const schoolHashes = new Map<string, Buffer>();
const STATUS_SEPARATORS = /[\s_-]/g;

/** Reads one object of a collection: a record, a record that is not believed (quarantined), or nothing usable. */
export function readRecord(type: EntityType, raw: unknown): RecordReading {
  if (!isObject(raw)) return { kind: 'unreadable', reason: 'not an object' };
  const gg4lId = readGg4lId(raw.sourcedId);
  if (gg4lId === undefined) return { kind: 'unreadable', reason: 'no usable sourcedId' };
  const table = COMPILED_TABLES[type];
  const status = readStatus(raw.status);
  const withdrawn = status === 'withdrawn';
  const gathered: Gathered = {
    schoolIds: table.schoolIsOwnId ? [gg4lId] : [],
    broken: undefined,
    tooDeep: false,
    references: [],
    kept: status === 'unknown' ? [['status', raw.status]] : [],
    usedAliases: [],
    warnings: [],
  };
  const text = canonicalText(table, raw, gathered);
  if (gathered.broken !== undefined) return { kind: 'quarantined', gg4lId, withdrawn, ...gathered.broken };
  const [school] = gathered.schoolIds;
  return {
    kind: 'record',
    gg4lId,
    withdrawn,
    ...encodeCanonical(text),
    schoolHash:
      school !== undefined && gathered.schoolIds.length === 1 ? rememberedSchoolHash(school) : NO_SCHOOL,
    dateLastModified: readDateLastModified(raw.dateLastModified),
    references: gathered.references,
    warnings: gathered.warnings,
  };
}

/** A district has few schools and many records. */
function rememberedSchoolHash(gg4lId: string): Buffer {
  const known = schoolHashes.get(gg4lId);
  if (known !== undefined) return known;
  if (schoolHashes.size >= MAX_REMEMBERED_SCHOOLS) schoolHashes.clear();
  const read = schoolHash(gg4lId);
  schoolHashes.set(gg4lId, read);
  return read;
}

/** Meaningless if an attribute is broken. */
function canonicalText(table: CompiledTable, source: Source, gathered: Gathered): string {
  // `extensions` can only be written when all attributes are read: they may leave something for it.
  const head = readSlots(table.head, source, gathered);
  const tail = readSlots(table.tail, source, gathered);
  if (gathered.broken) return '';
  const extensions = writeExtensions(table, source, gathered.kept, gathered.usedAliases, gathered.warnings);
  const middle = extensions === undefined ? '' : `"extensions":${extensions}`;
  return `{${[head, middle, tail].filter((members) => members !== '').join(',')}}`;
}

function readStatus(status: unknown): 'active' | 'withdrawn' | 'unknown' {
  if (status === undefined || status === null || status === 'active') return 'active';
  if (typeof status !== 'string') return 'unknown';
  const word = status.toLowerCase().replace(STATUS_SEPARATORS, '');
  if (WITHDRAWN.has(word)) return 'withdrawn';
  return word === 'active' || word === '' ? 'active' : 'unknown';
}

function readDateLastModified(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'number' ? String(value) : '';
  return cleanText(value.slice(0, MAX_DATE_LAST_MODIFIED_LENGTH));
}
