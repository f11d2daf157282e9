/* Pure reading of one answer of a collection. An answer that cannot be trusted is an error, never an empty page. */
import { isUtf8 } from 'node:buffer';
import type { EntityType } from '#contracts';
import { collectionKeys } from '#oneroster';
import { isDeeperThan } from './json-depth.js';
import type { Quirks } from './quirks.js';
import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';

type Source = Readonly<Record<string, unknown>>;

/** Beside rows they say nothing that a client could use; beside none they say why there are none. */
const TROUBLE = /^errors?$/i;
const STATUS_CONTAINERS = ['imsx_StatusInfo', 'statusInfoSet', 'imsx_statusInfo', 'imsx_StatusInfoSet'];

export const DEFAULT_DEPTH = 64;
const BYTE_ORDER_MARK = 0xef;

export interface PageReading {
  /** Deepest nesting of objects and lists. */
  readonly maxDepth: number;
  readonly quirks: Quirks;
}

/** The rows of a page. Throws SchoolPassportError `not-json`, `too-deep`, `unknown-shape` or `reported-failure`. */
export function readRows(
  type: EntityType,
  body: Buffer,
  coordinates: RequestCoordinates,
  { maxDepth, quirks }: PageReading = { maxDepth: DEFAULT_DEPTH, quirks: new Set() },
): readonly unknown[] {
  const value = parse(body, coordinates, maxDepth);
  if (body[0] === BYTE_ORDER_MARK) quirks.add('byte order mark');
  if (Array.isArray(value)) {
    quirks.add('bare array');
    return value as unknown[];
  }
  if (isObject(value)) {
    if (reportsFailure(value)) throw failure(coordinates);
    const found = findRows(type, value);
    if (found !== undefined) {
      if (found.rows.length === 0 && tellsTrouble(value)) throw failure(coordinates);
      if (found.key !== type) quirks.add('collection under another name');
      if (statusesOf(value).length > 0) quirks.add('status beside the data');
      return found.rows;
    }
  }
  throw new SchoolPassportError('unknown-shape', `the answer holds no list of ${type}`, coordinates);
}

/** One record: bare under its singular or plural key, a list of one, or the object itself. `undefined`: none there. */
export function readSingle(type: EntityType, body: Buffer, coordinates: RequestCoordinates): unknown {
  const value = parse(body, coordinates);
  if (!isObject(value) || reportsFailure(value)) {
    throw new SchoolPassportError('unknown-shape', `the answer holds no record of ${type}`, coordinates);
  }
  const held = collectionKeys(type)
    .map((key) => value[key])
    .find((found) => found !== undefined);
  if (Array.isArray(held) && !(held.length === 0 && tellsTrouble(value))) return (held as unknown[])[0];
  if (isObject(held)) return held;
  if ('sourcedId' in value) return value;
  throw new SchoolPassportError('unknown-shape', `the answer holds no record of ${type}`, coordinates);
}

/** X-Total-Count, if it is a count. */
export function readTotal(header: string | undefined): number | null {
  return header !== undefined && /^\s*\d{1,15}\s*$/.test(header) ? Number(header) : null;
}

function parse(body: Buffer, coordinates: RequestCoordinates, maxDepth = DEFAULT_DEPTH): unknown {
  if (isDeeperThan(body, maxDepth)) {
    throw new SchoolPassportError('too-deep', `the answer nests deeper than ${maxDepth}`, coordinates);
  }
  // Ids read through a wrong encoding could become one another.
  if (!isUtf8(body)) throw new SchoolPassportError('not-json', 'the answer is not UTF-8', coordinates);
  const text = body.toString('utf8');
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    const what = /^\s*</.test(text) ? 'HTML or XML' : text.trim() === '' ? 'empty' : 'not JSON';
    throw new SchoolPassportError('not-json', `the answer is ${what}`, coordinates);
  }
}

/**
 * The list under the collection's own name, or under an alias. `undefined`: an empty one hides another, or there are
 * several under aliases, of which none is the whole.
 */
function findRows(type: EntityType, value: Source): { key: string; rows: readonly unknown[] } | undefined {
  const lists = collectionKeys(type).flatMap((key) => {
    const held = value[key];
    return Array.isArray(held) ? [{ key, rows: held as unknown[] }] : [];
  });
  const [first, ...others] = lists;
  const isWhole = first?.key === type && first.rows.length > 0;
  return !isWhole && others.some(({ rows }) => rows.length > 0) ? undefined : first;
}

/** The standard's status rides beside the data on a 200, bare or in one of its containers. */
function statusesOf(value: Source): readonly Source[] {
  const held = [value, ...STATUS_CONTAINERS.flatMap((key) => value[key])].filter(isObject);
  return held.filter((status) => 'imsx_codeMajor' in status || 'imsx_severity' in status);
}

function reportsFailure(value: Source): boolean {
  return statusesOf(value).some(
    ({ imsx_codeMajor: major, imsx_severity: severity }) =>
      isWord(major, 'failure') || isWord(major, 'unsupported') || isWord(severity, 'error'),
  );
}

function failure(coordinates: RequestCoordinates): SchoolPassportError {
  return new SchoolPassportError('reported-failure', 'the answer itself reports a failure', coordinates);
}

function tellsTrouble(value: Source): boolean {
  return Object.entries(value).some(([key, told]) => TROUBLE.test(key) && !isNothing(told));
}

function isNothing(told: unknown): boolean {
  if (typeof told !== 'object' || told === null) return !told;
  return Object.keys(told).length === 0;
}

function isWord(value: unknown, word: string): boolean {
  return typeof value === 'string' && value.trim().toLowerCase() === word;
}

function isObject(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
