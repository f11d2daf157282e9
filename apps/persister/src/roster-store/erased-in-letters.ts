/*
 * What is kept of a dead letter while somebody is erased: of one about a record of theirs nothing, of one that names them
 * nothing of its contents. The list names nobody, so each text in the contents that could be an id is looked up by its
 * hash: any JSON string, and a reference that the source sent as a number. The hash says the district too, so of a letter
 * of none that is known all are tried; where that would take too long, the contents are taken to name somebody.
 */
import { parsed, type LetterRow } from './letter-rows.js';
import type { Statements } from './roster-database.js';
import { suppressionKey, userNamed } from './suppressions.js';

/** Records on the list by district, as `suppressionKey` says them. */
export type ErasedRecords = ReadonlyMap<string, ReadonlySet<string>>;

const MAX_ID = 255;
/** Its messages are binary: an id may stand where no quote tells. */
const RAW_LOG = /\.raw\.v\d+$/;
/** Of one letter; the transaction, and Kafka, wait for all of a slice. */
const MAX_LOOK_UPS = 2_000;
/** From each quote that is not escaped to the next: also where quotes do not pair. */
const STRING = new RegExp(`(?<!\\\\)"(?=((?:[^"\\\\]|\\\\.){1,${MAX_ID * '\\u0000'.length}})")`, 'gs');
const NUMBER = /"sourcedId"\s*:\s*(-?\d{1,16})(?![\d.eE])/g;

/** Of the districts that the letters are of; of all if that of one is not known. */
const LOAD = `select district_id, entity_type || '/' || encode(record_hash, 'hex') as key from roster.suppressions
where $1::text[] is null or district_id = any($1)`;

export async function loadErased(
  statements: Statements,
  letters: readonly LetterRow[],
): Promise<ErasedRecords> {
  const districts = letters.map(({ districtId }) => districtId);
  const { rows } = await statements.query<{ district_id: string; key: string }>(LOAD, [
    districts.includes(null) ? null : districts,
  ]);
  const erased = new Map<string, Set<string>>();
  for (const { district_id, key } of rows) {
    const keys = erased.get(district_id) ?? new Set();
    erased.set(district_id, keys.add(key));
  }
  return erased;
}

/** The letter, the letter without its contents, or none. */
export function keptOf(letter: LetterRow, erased: ErasedRecords): readonly LetterRow[] {
  if (erased.size === 0) return [letter];
  const { districtId, contents } = letter;
  if (isOfErased(letter, erased)) return [];
  const districts = [...erased].filter(([district]) => districtId === null || district === districtId);
  if (contents === null || districts.length === 0) return [letter];
  const ids = idsIn(contents.toString());
  const isNamed =
    RAW_LOG.test(letter.topic ?? '') ||
    ids.length * districts.length > MAX_LOOK_UPS ||
    districts.some(([district, keys]) => ids.some((id) => keys.has(suppressionKey(district, 'users', id))));
  return [isNamed ? { ...letter, contents: null } : letter];
}

/** An enrollment that names somebody who was not erased is theirs by now, whoever it was listed with. */
function isOfErased({ districtId, entityType, gg4lId, contents }: LetterRow, erased: ErasedRecords): boolean {
  if (districtId === null || entityType === null || gg4lId === null) return false;
  const keys = erased.get(districtId);
  if (keys?.has(suppressionKey(districtId, entityType, gg4lId)) !== true) return false;
  const user = contents === null ? null : userNamed(entityType, parsed(contents)['data']);
  return user === null || keys.has(suppressionKey(districtId, 'users', user));
}

function idsIn(text: string): readonly string[] {
  const ids = new Set<string>();
  for (const [, body = ''] of text.matchAll(STRING)) ids.add(unescaped(body));
  for (const [, digits] of text.matchAll(NUMBER)) ids.add(String(Number(digits)));
  return [...ids].filter(({ length }) => length <= MAX_ID);
}

function unescaped(body: string): string {
  if (!body.includes('\\')) return body;
  try {
    return String(JSON.parse(`"${body}"`));
  } catch {
    return body;
  }
}
