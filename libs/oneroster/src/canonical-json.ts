/*
 * RFC 8785 JSON of values nobody described: keys in UTF-16 order, numbers as ECMAScript prints them, strings without
 * U+0000 and with U+FFFD for lone surrogates. Empty values (null, "", [], {}) are left out, null in a list that
 * holds something else; so are `href`, secrets and what is nested deeper than MAX_DEPTH. Written straight from the
 * source value, because it runs once per record; reading its own text again gives the same text.
 */
import { readKey } from './keys.js';
import { quote, sortedOnce } from './text.js';

/** Levels of nesting kept of an unknown value. */
export const MAX_DEPTH = 16;

export type Source = Readonly<Record<string, unknown>>;
export type Member = readonly [key: string, value: unknown];

/** What a writer has to tell beside the text. */
export interface WriteNotes {
  tooDeep: boolean;
  /** A whole number of more digits than a number of JavaScript holds: its last ones are not the source's. */
  inexact: boolean;
}

/** A whole number that may not be the one the source wrote. */
export function isInexact(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

export function isObject(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON of an unknown value at a depth (1: the value itself), or `undefined` if it is empty. */
export function writeValue(value: unknown, depth: number, notes: WriteNotes): string | undefined {
  if (typeof value === 'string') {
    const text = quote(value);
    return text === '""' ? undefined : text;
  }
  if (typeof value === 'number') {
    if (isInexact(value)) notes.inexact = true;
    return Number.isFinite(value) ? String(value) : undefined;
  }
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) {
    notes.tooDeep = true;
    return undefined;
  }
  return Array.isArray(value) ? writeList(value, depth, notes) : writeObject(value as Source, depth, notes);
}

/** JSON of a list whose order has no meaning: without empty elements and repeats, sorted by the elements' JSON. */
export function writeSet(list: readonly unknown[], depth: number, notes: WriteNotes): string | undefined {
  const texts: string[] = [];
  for (const element of list) {
    const text = writeValue(element, depth + 1, notes);
    if (text !== undefined) texts.push(text);
  }
  return texts.length === 0 ? undefined : `[${sortedOnce(texts).join(',')}]`;
}

/** JSON of members of which several may have one name: the first that holds a value counts. */
export function writeMembers(
  members: Iterable<Member>,
  write: (name: string, value: unknown) => string | undefined,
): string | undefined {
  const texts = new Map<string, string>();
  for (const [spelling, value] of members) {
    const { name, text, dropped } = readKey(spelling);
    if (dropped || texts.has(name)) continue;
    const written = write(name, value);
    if (written !== undefined) texts.set(name, text + written);
  }
  if (texts.size === 0) return undefined;
  const names = [...texts.keys()].sort();
  return `{${names.map((name) => texts.get(name)).join(',')}}`;
}

/** Puts members in an order that does not depend on the source's where names repeat: clean spellings first. */
export function cleanFirst(members: Member[]): readonly Member[] {
  if (members.every(([key]) => readKey(key).clean)) return members;
  const rank = ([key]: Member): number => (readKey(key).clean ? 0 : 1);
  return members.sort((a, b) => rank(a) - rank(b) || (a[0] < b[0] ? -1 : 1));
}

function writeObject(object: Source, depth: number, notes: WriteNotes): string | undefined {
  const spellings = Object.keys(object).sort();
  let members = '';
  for (const spelling of spellings) {
    const { text, clean, dropped } = readKey(spelling);
    if (!clean) return writeRepaired(object, depth, notes);
    if (dropped) continue;
    const written = writeValue(object[spelling], depth + 1, notes);
    if (written !== undefined) members += `,${text}${written}`;
  }
  return members === '' ? undefined : `{${members.slice(1)}}`;
}

function writeRepaired(object: Source, depth: number, notes: WriteNotes): string | undefined {
  return writeMembers(cleanFirst(Object.entries(object)), (_name, value) =>
    writeValue(value, depth + 1, notes),
  );
}

function writeList(list: readonly unknown[], depth: number, notes: WriteNotes): string | undefined {
  let held = false;
  const texts = list.map((element) => {
    const text = writeValue(element, depth + 1, notes);
    held ||= text !== undefined;
    return text ?? 'null';
  });
  return held ? `[${texts.join(',')}]` : undefined;
}
