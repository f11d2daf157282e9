/*
 * What of a record changed, without its former body: two bytes for each attribute, made from the canonical bytes that
 * are there anyway. An attribute has its place for ever, because digests are kept: `extensions` first, then the table's
 * order, to which a new attribute is added at the end. Two values share a digest once in 65,536 times, so a name may be
 * missing and is never made up. The canonical text is walked, not parsed: it has no white space and no two spellings.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { attributesOf } from './canonical-attributes.js';

/** Of a record that nobody has digested, or whose bytes are not canonical: nothing can be said of it. */
export const NO_DIGESTS: Buffer = Buffer.alloc(0);

const DIGEST_BYTES = 2;
const ABSENT = 0;
/** FNV-1a of 32 bits; its low bits alone tell values apart that differ in one character less well than they should. */
const HASH_BASIS = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
const MIXERS = [0x85ebca6b | 0, 0xc2b2ae35 | 0] as const;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LIST_OPENS = 0x5b;
const LIST_CLOSES = 0x5d;
const OBJECT_OPENS = 0x7b;
const OBJECT_CLOSES = 0x7d;

interface Places {
  readonly names: readonly string[];
  /** By the hash of the name in quotes; `sourcedId` never changes and has none. */
  readonly byName: ReadonlyMap<number, number | null>;
}

const PLACES = Object.fromEntries(ENTITY_TYPES.map((type) => [type, placesOf(type)])) as Readonly<
  Record<EntityType, Places>
>;

/** Names of a type's attributes in the order of their digests. */
export function digestedAttributes(type: EntityType): readonly string[] {
  return PLACES[type].names;
}

/** Length of a record's digests. */
export function digestsBytes(type: EntityType): number {
  return PLACES[type].names.length * DIGEST_BYTES;
}

/** Two bytes for each attribute, 0 for one that the record does not have; `NO_DIGESTS` if these bytes are no canonical record. */
export function digestAttributes(type: EntityType, canonical: Buffer): Buffer {
  const { names, byName } = PLACES[type];
  const digests = Buffer.allocUnsafe(names.length * DIGEST_BYTES).fill(ABSENT);
  if (canonical[0] !== OBJECT_OPENS) return NO_DIGESTS;
  for (let at = 1; canonical[at] === QUOTE;) {
    const nameEnd = endOfText(canonical, at);
    const place = byName.get(hashOf(canonical, at, nameEnd));
    if (place === undefined || canonical[nameEnd] !== COLON) return NO_DIGESTS;
    const end = endOfValue(canonical, nameEnd + 1);
    if (place !== null) writeDigest(digests, place, hashOf(canonical, nameEnd + 1, end));
    if (canonical[end] === OBJECT_CLOSES && end === canonical.length - 1) return digests;
    if (canonical[end] !== COMMA) return NO_DIGESTS;
    at = end + 1;
  }
  return NO_DIGESTS;
}

/** Names of the attributes that are other, new or gone, sorted; none if either side is `NO_DIGESTS`. */
export function changedAttributes(type: EntityType, before: Buffer, after: Buffer): readonly string[] {
  if (before.length === 0 || after.length === 0) return [];
  const changed = PLACES[type].names.filter((_name, n) => digestAt(before, n) !== digestAt(after, n));
  return changed.sort();
}

function placesOf(type: EntityType): Places {
  const names = ['extensions', ...attributesOf(type).map(({ name }) => name)];
  const hashOfName = (name: string): number => {
    const quoted = Buffer.from(`"${name}"`);
    return hashOf(quoted, 0, quoted.length);
  };
  const byName = new Map<number, number | null>(names.map((name, place) => [hashOfName(name), place]));
  return { names, byName: byName.set(hashOfName('sourcedId'), null) };
}

/** Digests written before an attribute was known are shorter: no record had it then. */
function digestAt(digests: Buffer, place: number): number {
  const at = place * DIGEST_BYTES;
  return at < digests.length ? digests.readUInt16BE(at) : ABSENT;
}

function writeDigest(digests: Buffer, place: number, hash: number): void {
  const once = Math.imul(hash ^ (hash >>> 16), MIXERS[0]);
  const twice = Math.imul(once ^ (once >>> 13), MIXERS[1]);
  const digest = (twice >>> 16) & 0xffff;
  digests.writeUInt16BE(digest === ABSENT ? 1 : digest, place * DIGEST_BYTES);
}

function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = HASH_BASIS;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), HASH_PRIME);
  return hash;
}

/** Behind the closing quote of a text that begins here. */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** At the comma or the bracket that ends a value that begins here. */
function endOfValue(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length;) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfText(bytes, at);
      continue;
    }
    if (depth === 0 && (byte === COMMA || byte === OBJECT_CLOSES)) return at;
    if (byte === OBJECT_OPENS || byte === LIST_OPENS) depth += 1;
    else if (byte === OBJECT_CLOSES || byte === LIST_CLOSES) depth -= 1;
    at += 1;
  }
  return bytes.length;
}
