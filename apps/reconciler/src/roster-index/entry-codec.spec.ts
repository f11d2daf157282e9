import { describe, expect, it } from '@jest/globals';
import type { IndexEntry } from '../reconciliation/index-state.js';
import { NonsenseError } from '../reconciliation/partition-stopped.errors.js';
import { decodeEntries, encodeEntries } from './entry-codec.js';

const entry: IndexEntry = {
  fingerprint: Buffer.alloc(16, 3),
  status: 'active',
  generation: 1_790_000_000,
  schoolHash: Buffer.alloc(8, 4),
  digests: Buffer.from([1, 2, 3, 4]),
  archivedAtMs: 0,
};
const archived: IndexEntry = { ...entry, status: 'archived', archivedAtMs: 1_790_000_000_123 };
const bare: IndexEntry = { ...archived, digests: Buffer.alloc(0) };

/** As it was written before digests were. */
function inLayout1({ status }: Pick<IndexEntry, 'status'>): Buffer {
  const bytes = Buffer.alloc(34, 3);
  bytes[0] = 1;
  bytes[17] = status === 'active' ? 1 : 2;
  bytes.writeBigUInt64BE(1_790_000_000n, 18);
  bytes.fill(4, 26);
  return bytes;
}

describe('index entries in bytes', () => {
  it('come back as they were, one behind the other', () => {
    expect(decodeEntries(encodeEntries([entry, archived, bare, entry]))).toEqual([
      entry,
      archived,
      bare,
      entry,
    ]);
  });

  it('of layout 1 are read: what changed, and when it was archived, is not known', () => {
    const unknown = { digests: Buffer.alloc(0), archivedAtMs: 0 };
    const bytes = [inLayout1(entry), Buffer.from([0]), encodeEntries([entry]), inLayout1(archived)];
    expect(decodeEntries(Buffer.concat(bytes))).toEqual([
      { ...entry, ...unknown },
      null,
      entry,
      { ...archived, ...unknown },
    ]);
  });

  it.each([
    ['an unknown layout', Buffer.alloc(40, 3)],
    ['an unknown status', changed(17, 3)],
    ['an end too soon', encodeEntries([entry]).subarray(0, 37)],
    ['an end before its length', encodeEntries([entry]).subarray(0, 30)],
    ['no room for the time of an archive', changed(17, 2)],
  ])('are nonsense with %s', (_, bytes) => {
    expect(() => decodeEntries(bytes)).toThrow(NonsenseError);
  });
});

function changed(at: number, byte: number): Buffer {
  const bytes = encodeEntries([entry]);
  bytes[at] = byte;
  return bytes;
}
