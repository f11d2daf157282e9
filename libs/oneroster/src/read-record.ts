/*
 * One pure place that says what a roster record is. Equal content gives equal bytes and so an equal fingerprint,
 * whatever the source's key order, spelling of values or order of sets; `status`, `dateLastModified` and `href` are
 * not content. Reading a canonical record again gives the same bytes. Nothing here throws on any input that came
 * out of JSON, and no reason or warning carries a value.
 */
import { NO_SCHOOL, schoolHash, type EntityType } from '#contracts';
import { BROKEN, MISFIT, MISFIT_REASONS, readReferences, readValue } from './attribute-readers.js';
import { isObject, type Member, type Source, type WriteNotes } from './canonical-json.js';
import { COMPILED_TABLES, type CompiledTable, type Slot } from './compiled-table.js';
import { TOO_DEEP, writeExtensions, type Warning } from './extensions.js';
import { encodeCanonical } from './fingerprint.js';
import { readGg4lId } from './gg4l-id.js';
import { cleanText, quote, quoteList } from './text.js';

export interface Reference {
  readonly type: EntityType;
  readonly gg4lId: string;
}

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

/** What reading the attributes gathers on its way. */
interface Gathered extends WriteNotes {
  schoolIds: readonly string[];
  broken: Slot | undefined;
  readonly references: Reference[];
  readonly kept: Member[];
  readonly usedAliases: string[];
  readonly warnings: Warning[];
}

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
  if (gathered.broken !== undefined) return quarantined(gg4lId, withdrawn, gathered.broken);
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

function quarantined(gg4lId: string, withdrawn: boolean, slot: Slot): RecordReading {
  const isReference = slot.kind === 'reference' || slot.kind === 'references';
  const reason = isReference ? 'not a reference' : 'a structure where a plain value belongs';
  return { kind: 'quarantined', gg4lId, withdrawn, attribute: slot.name, reason };
}

/** Meaningless if an attribute is broken. */
function canonicalText(table: CompiledTable, source: Source, gathered: Gathered): string {
  // `extensions` can only be written when all attributes are read: they may leave something for it.
  const head = readSlots(table.head, source, gathered, '{');
  const tail = readSlots(table.tail, source, gathered, ',');
  if (gathered.broken) return '';
  const extensions = writeExtensions(table, source, gathered.kept, gathered.usedAliases, gathered.warnings);
  const middle = extensions === undefined ? '' : `${head === '' ? '{' : ','}"extensions":${extensions}`;
  // The tail is never empty, it holds `sourcedId`; its first comma is only right after something.
  return head === '' && middle === '' ? `{${tail.slice(1)}}` : `${head}${middle}${tail}}`;
}

/** The members, each with a comma before it, but the first with `before`. */
function readSlots(slots: readonly Slot[], source: Source, gathered: Gathered, before: '{' | ','): string {
  let text = '';
  for (const slot of slots) {
    const reading = readSlot(slot, source, gathered);
    if (reading === BROKEN) {
      gathered.broken ??= slot;
      return text;
    }
    if (reading !== undefined) text += (text === '' ? before : ',') + slot.keyText + reading;
  }
  return text;
}

function readSlot(slot: Slot, source: Source, gathered: Gathered): string | undefined | typeof BROKEN {
  let reading = readHeld(slot, source[slot.name], gathered);
  for (const alias of reading === undefined ? (slot.aliases ?? []) : []) {
    reading = readHeld(slot, source[alias], gathered);
    if (reading !== undefined) {
      gathered.usedAliases.push(alias);
      break;
    }
  }
  return reading ?? (slot.otherwise ? readHeld(slot, slot.otherwise(source), gathered) : undefined);
}

/** JSON of one value; `undefined` if it holds nothing, or does not fit and is kept for `extensions`. */
function readHeld(slot: Slot, value: unknown, gathered: Gathered): string | undefined | typeof BROKEN {
  if (value === undefined || value === null) return undefined;
  const { kind, name } = slot;
  if (kind === 'reference' || kind === 'references') return readHeldReferences(slot, value, gathered);
  const reading = readValue(kind, value, gathered);
  if (gathered.tooDeep) gathered.warnings.push({ attribute: name, reason: TOO_DEEP });
  gathered.tooDeep = false;
  if (reading !== MISFIT) return reading;
  gathered.kept.push([name, value]);
  gathered.warnings.push({ attribute: name, reason: MISFIT_REASONS[kind] });
  return undefined;
}

function readHeldReferences(
  slot: Slot,
  value: unknown,
  gathered: Gathered,
): string | undefined | typeof BROKEN {
  const ids = readReferences(value);
  if (ids === BROKEN) return BROKEN;
  const [first] = ids;
  if (first === undefined) return undefined;
  if (slot.kind === 'reference' && ids.length > 1) return BROKEN;
  if (slot.namesSchool) gathered.schoolIds = ids;
  if (slot.checked !== undefined)
    for (const gg4lId of ids) gathered.references.push({ type: slot.checked, gg4lId });
  return slot.kind === 'reference' ? quote(first) : quoteList(ids);
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
