/*
 * An index entry is: layout 2, fingerprint (16), status (1 active, 2 archived), generation of its last change (u64, big
 * endian), school hash (8), length of the rest (u8), and as the rest when it was archived (u48 in ms; only of archived
 * ones), and the digests of its attributes, if they are known. Layout 1 ended behind the school hash; it is still read.
 * A missing entry is one byte 0. Entries stand one behind the other.
 */
import { NO_DIGESTS } from '#oneroster';
import type { IndexEntry } from '../reconciliation/index-state.js';
import { NonsenseError } from '../reconciliation/partition-stopped.errors.js';

const LAYOUT = 2;
const OLD_LAYOUT = 1;
const HEAD_BYTES = 34;
const REST_AT = HEAD_BYTES + 1;
const TIME_BYTES = 6;
const STATUSES = { active: 1, archived: 2 } as const;

export function encodeEntries(entries: readonly IndexEntry[]): Buffer {
  const bytes = Buffer.alloc(entries.reduce((sum, entry) => sum + REST_AT + restBytes(entry), 0));
  let at = 0;
  for (const entry of entries) at = writeEntry(bytes, at, entry);
  return bytes;
}

/** What tells an entry from another of its record, in either layout: fingerprint, status, generation. */
export const STATE_BYTES = 25;

export function stateOf(entry: IndexEntry): Buffer {
  return encodeEntries([entry]).subarray(1, 1 + STATE_BYTES);
}

/** The entries hold views of `bytes`, not copies. */
export function decodeEntries(bytes: Buffer): (IndexEntry | null)[] {
  const entries: (IndexEntry | null)[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + sizeAt(bytes, at);
    if (end > bytes.length) throw new NonsenseError('The last index entry is cut off.');
    entries.push(decodeEntry(bytes, at, end));
    at = end;
  }
  return entries;
}

function restBytes({ status, digests }: IndexEntry): number {
  return (status === 'archived' ? TIME_BYTES : 0) + digests.length;
}

function writeEntry(bytes: Buffer, at: number, entry: IndexEntry): number {
  if (entry.fingerprint.length !== 16 || entry.schoolHash.length !== 8) {
    throw new RangeError('An index entry needs a fingerprint of 16 bytes and a school hash of 8.');
  }
  bytes.writeUInt8(LAYOUT, at);
  entry.fingerprint.copy(bytes, at + 1);
  bytes.writeUInt8(STATUSES[entry.status], at + 17);
  bytes.writeBigUInt64BE(BigInt(entry.generation), at + 18);
  entry.schoolHash.copy(bytes, at + 26);
  bytes.writeUInt8(restBytes(entry), at + HEAD_BYTES);
  let rest = at + REST_AT;
  if (entry.status === 'archived') rest = bytes.writeUIntBE(entry.archivedAtMs, rest, TIME_BYTES);
  return rest + entry.digests.copy(bytes, rest);
}

function sizeAt(bytes: Buffer, at: number): number {
  const layout = bytes.readUInt8(at);
  if (layout === 0) return 1;
  if (layout === OLD_LAYOUT) return HEAD_BYTES;
  if (layout !== LAYOUT) throw new NonsenseError(`Index entry of unknown layout ${String(layout)}.`);
  return REST_AT + (bytes[at + HEAD_BYTES] ?? 0);
}

function decodeEntry(bytes: Buffer, at: number, end: number): IndexEntry | null {
  if (end - at === 1) return null;
  const status = decodeStatus(bytes.readUInt8(at + 17));
  const isTimed = status === 'archived' && end - at > HEAD_BYTES;
  const digestsAt = at + REST_AT + (isTimed ? TIME_BYTES : 0);
  if (isTimed && digestsAt > end) throw new NonsenseError('An archived index entry without its time.');
  return {
    fingerprint: bytes.subarray(at + 1, at + 17),
    status,
    generation: Number(bytes.readBigUInt64BE(at + 18)),
    schoolHash: bytes.subarray(at + 26, at + HEAD_BYTES),
    digests: digestsAt < end ? bytes.subarray(digestsAt, end) : NO_DIGESTS,
    archivedAtMs: isTimed ? bytes.readUIntBE(at + REST_AT, TIME_BYTES) : 0,
  };
}

function decodeStatus(status: number): IndexEntry['status'] {
  if (status === STATUSES.active) return 'active';
  if (status === STATUSES.archived) return 'archived';
  throw new NonsenseError(`Index entry of unknown status ${String(status)}.`);
}
