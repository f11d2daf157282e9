/*
 * An index entry is 34 bytes: layout 1, fingerprint (16), status (1 active, 2 archived), generation of its last change
 * (u64, big endian), school hash (8). Layout 0 stands for a missing entry.
 */
import type { IndexEntry } from '../reconciliation/index-state.js';
import { NonsenseError } from '../reconciliation/partition-stopped.errors.js';

export const ENTRY_BYTES = 34;
const LAYOUT = 1;
const STATUSES = { active: 1, archived: 2 } as const;

export function encodeEntries(entries: readonly IndexEntry[]): Buffer {
  const bytes = Buffer.alloc(entries.length * ENTRY_BYTES);
  entries.forEach((entry, i) => {
    if (entry.fingerprint.length !== 16 || entry.schoolHash.length !== 8) {
      throw new RangeError('An index entry needs a fingerprint of 16 bytes and a school hash of 8.');
    }
    const at = i * ENTRY_BYTES;
    bytes.writeUInt8(LAYOUT, at);
    entry.fingerprint.copy(bytes, at + 1);
    bytes.writeUInt8(STATUSES[entry.status], at + 17);
    bytes.writeBigUInt64BE(BigInt(entry.generation), at + 18);
    entry.schoolHash.copy(bytes, at + 26);
  });
  return bytes;
}

/** The entries hold views of `bytes`, not copies. */
export function decodeEntries(bytes: Buffer): (IndexEntry | null)[] {
  if (bytes.length % ENTRY_BYTES !== 0)
    throw new NonsenseError('Index entries are not a multiple of 34 bytes.');
  return Array.from({ length: bytes.length / ENTRY_BYTES }, (_, i) => decodeEntry(bytes, i * ENTRY_BYTES));
}

function decodeEntry(bytes: Buffer, at: number): IndexEntry | null {
  const layout = bytes.readUInt8(at);
  if (layout === 0) return null;
  if (layout !== LAYOUT) throw new NonsenseError(`Index entry of unknown layout ${String(layout)}.`);
  return {
    fingerprint: bytes.subarray(at + 1, at + 17),
    status: decodeStatus(bytes.readUInt8(at + 17)),
    generation: Number(bytes.readBigUInt64BE(at + 18)),
    schoolHash: bytes.subarray(at + 26, at + ENTRY_BYTES),
  };
}

function decodeStatus(status: number): IndexEntry['status'] {
  if (status === STATUSES.active) return 'active';
  if (status === STATUSES.archived) return 'archived';
  throw new NonsenseError(`Index entry of unknown status ${String(status)}.`);
}
