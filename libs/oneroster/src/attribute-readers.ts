/*
 * Lenient reading of one attribute's value. Four outcomes: JSON text; nothing (missing, null, "", [], {}); MISFIT, a
 * single value that cannot be understood as its kind (it is kept under `extensions`, so a typed column never sees
 * it); BROKEN, a structure where the kind has none, or a reference that names nobody (the record is quarantined). A
 * list of one is read as its element, and a single value as a list of one.
 */
import { isInexact, isObject, writeSet, type WriteNotes } from './canonical-json.js';
import type { ValueKind } from './attribute-tables.js';
import { readGg4lId } from './gg4l-id.js';
import { cleanText, quote, quoteList, sortedOnce } from './text.js';

export const MISFIT = Symbol('misfit');
export const BROKEN = Symbol('broken');

export type ValueReading = string | undefined | typeof MISFIT | typeof BROKEN;
export type PlainKind = Exclude<ValueKind, 'reference' | 'references'>;
type SingleKind = 'text' | 'boolean' | 'date' | 'schoolYear';

const TRUE_WORDS = new Set(['true', 't', '1', 'yes', 'y']);
const FALSE_WORDS = new Set(['false', 'f', '0', 'no', 'n']);
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.,]+ ?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;
const YEAR = /^\d{4}$/;
const YEAR_SPAN = /^(\d{4})[-/](\d{4}|\d{2})$/;
const NO_IDS: readonly string[] = [];

/** What is left out of a record because it could not be read as its kind, said without its content. */
export const MISFIT_REASONS: Readonly<Record<PlainKind, string>> = {
  text: 'not a text',
  boolean: 'not a boolean',
  date: 'not a date',
  schoolYear: 'not a school year',
  texts: 'not a list of texts',
  codes: 'not a list of codes',
  objects: 'not a list of objects',
};

export function readValue(kind: PlainKind, value: unknown, notes: WriteNotes): ValueReading {
  switch (kind) {
    case 'texts':
      return readList(value, false);
    case 'codes':
      return readList(value, true);
    case 'objects':
      return readObjects(value, notes);
    case 'text':
    case 'boolean':
    case 'date':
    case 'schoolYear':
      return readSingle(kind, value);
  }
}

/** Ids that a reference or a list of them names, sorted and each once. */
export function readReferences(value: unknown): readonly string[] | typeof BROKEN {
  if (value === undefined || value === null || value === '') return NO_IDS;
  const ids: string[] = [];
  for (const entry of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const target = targetOf(entry);
    if (target === undefined || target === null || target === '') continue;
    const id = readGg4lId(target);
    if (id === undefined) return BROKEN;
    ids.push(id);
  }
  return sortedOnce(ids);
}

/**
 * `{}` and an empty `sourcedId` name nobody on purpose; any other object must name somebody. A number by itself is no
 * reference, though one may be somebody's `sourcedId`.
 */
function targetOf(entry: unknown): unknown {
  if (!isObject(entry)) return typeof entry === 'number' ? Number.NaN : entry;
  if ('sourcedId' in entry) return entry.sourcedId;
  return Object.keys(entry).length === 0 ? undefined : entry;
}

function readSingle(kind: SingleKind, value: unknown): ValueReading {
  if (typeof value === 'string') {
    const text = cleanText(value);
    return text === '' ? undefined : readText(kind, text);
  }
  if (typeof value === 'number') {
    if (isInexact(value)) return MISFIT;
    return Number.isFinite(value) ? readText(kind, String(value)) : undefined;
  }
  if (typeof value === 'boolean') return kind === 'boolean' ? String(value) : MISFIT;
  return readStructure(kind, value);
}

function readStructure(kind: SingleKind, value: unknown): ValueReading {
  if (Array.isArray(value)) {
    const held = value.filter((element) => element !== null && element !== '');
    if (held.length === 0) return undefined;
    return held.length === 1 && typeof held[0] !== 'object' ? readSingle(kind, held[0]) : BROKEN;
  }
  return isObject(value) && Object.keys(value).length > 0 ? BROKEN : undefined;
}

function readText(kind: SingleKind, text: string): ValueReading {
  switch (kind) {
    case 'text':
      return quote(text);
    case 'boolean':
      return readBoolean(text.trim().toLowerCase());
    case 'date':
      return readDate(text.trim());
    case 'schoolYear':
      return readSchoolYear(text.trim());
  }
}

function readBoolean(word: string): ValueReading {
  if (TRUE_WORDS.has(word)) return 'true';
  return FALSE_WORDS.has(word) ? 'false' : word === '' ? undefined : MISFIT;
}

/** `YYYY-MM-DD`, the day as written: a time of day or zone after it is dropped, not converted. */
function readDate(text: string): ValueReading {
  if (text === '') return undefined;
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return MISFIT;
  return isDay(Number(year), Number(month), Number(day)) ? `"${year}-${month}-${day}"` : MISFIT;
}

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days =
    month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return day <= days;
}

/** `YYYY`. OneRoster names a school year by the year it ends in, so `2026-2027` and `2026-27` are 2027. */
function readSchoolYear(text: string): ValueReading {
  if (text === '') return undefined;
  if (YEAR.test(text)) return `"${text}"`;
  const [, first, last] = YEAR_SPAN.exec(text) ?? [];
  if (first === undefined || last === undefined) return MISFIT;
  const next = String(Number(first) + 1).padStart(4, '0');
  return next.endsWith(last) ? `"${next}"` : MISFIT;
}

function readList(value: unknown, commaSeparated: boolean): ValueReading {
  if (typeof value === 'boolean') return MISFIT;
  const texts: string[] = [];
  let fits = true;
  for (const element of Array.isArray(value) ? (value as unknown[]) : [value]) {
    const text = textOf(element);
    if (text === undefined) return BROKEN; // wherever it stands, also behind one that does not fit
    fits &&= typeof element !== 'number' || !isInexact(element);
    if (commaSeparated) addCodes(texts, text);
    else if (text !== '') texts.push(text);
  }
  if (!fits) return MISFIT;
  return texts.length === 0 ? undefined : quoteList(sortedOnce(texts));
}

function addCodes(codes: string[], text: string): void {
  for (const part of text.includes(',') ? text.split(',') : [text]) {
    const code = part.trim();
    if (code !== '') codes.push(code);
  }
}

/** '' for an empty element, `undefined` for one that is no text. */
function textOf(element: unknown): string | undefined {
  if (typeof element === 'string') return cleanText(element);
  if (typeof element === 'number') return Number.isFinite(element) ? String(element) : '';
  if (element === null || element === undefined) return '';
  return typeof element === 'object' && Object.keys(element).length === 0 ? '' : undefined;
}

function readObjects(value: unknown, notes: WriteNotes): ValueReading {
  if (typeof value === 'boolean') return MISFIT;
  return writeSet(Array.isArray(value) ? value : [value], 1, notes);
}
