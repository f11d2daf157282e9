/*
 * One pure place that says what a roster record is. Equal content gives equal bytes and so an equal fingerprint,
 * whatever the source's key order, spelling of values or order of sets; `status`, `dateLastModified` and `href` are
 * not content. Reading a canonical record again gives the same bytes. Nothing here throws on any input that came
 * out of JSON, and no reason or warning carries a value.
 */
import { NO_SCHOOL, schoolHash, type EntityType } from '#contracts';
import { isObject, type Source } from './canonical-json.js';
import { COMPILED_TABLES, type CompiledTable } from './compiled-table.js';
import type { Allowed } from './allow-list.js';
import { writeExtensions } from './extensions.js';
import { encodeCanonical } from './fingerprint.js';
import { readGg4lId } from './gg4l-id.js';
import { readSlots, type Gathered, type LeftOut, type Reference } from './read-attributes.js';
import { cleanText } from './text.js';
import { EMPTY, MISSING, type Warning } from './warnings.js';

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
      /** None of a withdrawn record, of which often nothing but the id is left. */
      readonly warnings: readonly Warning[];
      /** Privacy Shield has masked some value of it. */
      readonly masked: boolean;
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
const NO_WARNINGS: readonly Warning[] = [];
const ENVELOPE = {
  noStatus: { attribute: 'status', reason: MISSING },
  emptyStatus: { attribute: 'status', reason: EMPTY },
  noDate: { attribute: 'dateLastModified', reason: MISSING },
  emptyDate: { attribute: 'dateLastModified', reason: EMPTY },
};

/**
 * Reads one object of a collection: a record, a record that is not believed (quarantined), or nothing usable. Of a
 * record only what is `allowed`; undefined allows everything. No list of references names who `isLeftOut`.
 */
export function readRecord(
  type: EntityType,
  raw: unknown,
  allowed?: Allowed,
  isLeftOut?: LeftOut,
): RecordReading {
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
    inexact: false,
    references: [],
    kept: status === 'unknown' ? [['status', raw.status]] : [],
    usedAliases: [],
    warnings: [],
    masked: false,
    allowed,
    isLeftOut,
  };
  if (!withdrawn) noteEnvelope(raw, gathered.warnings);
  const text = canonicalText(table, raw, gathered);
  if (gathered.broken !== undefined) return { kind: 'quarantined', gg4lId, withdrawn, ...gathered.broken };
  const [school] = gathered.schoolIds;
  const { canonical, fingerprint } = encodeCanonical(text);
  return {
    kind: 'record',
    gg4lId,
    withdrawn,
    canonical,
    fingerprint,
    schoolHash:
      school !== undefined && gathered.schoolIds.length === 1 ? rememberedSchoolHash(school) : NO_SCHOOL,
    dateLastModified: readDateLastModified(raw.dateLastModified),
    references: gathered.references,
    warnings: withdrawn ? NO_WARNINGS : gathered.warnings,
    masked: gathered.masked,
  };
}

/** What every record must have by the standard, beside its id. */
function noteEnvelope(source: Source, warnings: Warning[]): void {
  const { status, dateLastModified } = source;
  if (isNothing(status)) warnings.push(status === undefined ? ENVELOPE.noStatus : ENVELOPE.emptyStatus);
  if (isNothing(dateLastModified))
    warnings.push(dateLastModified === undefined ? ENVELOPE.noDate : ENVELOPE.emptyDate);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
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
  const extensions = writeExtensions(table, source, gathered);
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
