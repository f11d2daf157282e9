import { describe, expect, it } from '@jest/globals';
import { crc32c } from './crc32c.js';

/** One bit at a time, as the polynomial says. */
function slowly(bytes: Buffer): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

describe('the checksum of a record batch', () => {
  it('is CRC-32C', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
    expect(crc32c(Buffer.alloc(0))).toBe(0);
  });

  it('is the same for any length and any place in a buffer', () => {
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => (index * 151 + 7) & 255));
    for (let to = 0; to <= bytes.length; to += 1) {
      expect(crc32c(bytes, 0, to)).toBe(slowly(bytes.subarray(0, to)));
      expect(crc32c(bytes, to)).toBe(slowly(bytes.subarray(to)));
    }
  });
});
