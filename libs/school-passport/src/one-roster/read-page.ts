/* Pure reading of one answer of a collection. An answer that cannot be trusted is an error, never an empty page. */
import { isUtf8 } from 'node:buffer';
import type { EntityType } from '#contracts';
import { collectionKeys } from '#oneroster';
import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';

type Source = Readonly<Record<string, unknown>>;

const STATUS_CONTAINERS = ['imsx_StatusInfo', 'statusInfoSet', 'imsx_statusInfo', 'imsx_StatusInfoSet'];

/** The rows of a collection's page. Throws SchoolPassportError `not-json`, `unknown-shape` or `reported-failure`. */
export function readRows(
  type: EntityType,
  body: Buffer,
  coordinates: RequestCoordinates,
): readonly unknown[] {
  const value = parse(body, coordinates);
  if (isObject(value) && reportsFailure(value)) {
    throw new SchoolPassportError('reported-failure', 'the answer itself reports a failure', coordinates);
  }
  const rows = Array.isArray(value)
    ? (value as unknown[])
    : isObject(value)
      ? findRows(type, value)
      : undefined;
  if (rows === undefined) {
    throw new SchoolPassportError('unknown-shape', `the answer holds no list of ${type}`, coordinates);
  }
  return rows;
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
  if (Array.isArray(held)) return (held as unknown[])[0];
  if (isObject(held)) return held;
  if ('sourcedId' in value) return value;
  throw new SchoolPassportError('unknown-shape', `the answer holds no record of ${type}`, coordinates);
}

/** X-Total-Count, if it is a count. */
export function readTotal(header: string | undefined): number | null {
  return header !== undefined && /^\s*\d{1,15}\s*$/.test(header) ? Number(header) : null;
}

function parse(body: Buffer, coordinates: RequestCoordinates): unknown {
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

function findRows(type: EntityType, value: Source): readonly unknown[] | undefined {
  for (const key of collectionKeys(type)) {
    const held = value[key];
    if (Array.isArray(held)) return held as unknown[];
  }
  return undefined;
}

/** The standard's status rides beside the data on a 200, bare or in one of its containers. */
function reportsFailure(value: Source): boolean {
  const statuses = [value, ...STATUS_CONTAINERS.flatMap((key) => value[key])].filter(isObject);
  return statuses.some(
    ({ imsx_codeMajor: major }) => typeof major === 'string' && major.toLowerCase() === 'failure',
  );
}

function isObject(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
