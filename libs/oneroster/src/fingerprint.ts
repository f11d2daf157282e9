import { createHash, hash } from 'node:crypto';

/** Version of the canonical form; every fingerprint depends on it. */
export const CANONICAL_VERSION = 1;

const PREFIX = `${CANONICAL_VERSION}\n`;

/** First 16 bytes of SHA-256 of the version, a line feed and the canonical bytes. */
export function fingerprintOf(canonical: Buffer): Buffer {
  return createHash('sha256').update(PREFIX).update(canonical).digest().subarray(0, 16);
}

/** The UTF-8 bytes of a canonical text with their fingerprint, in one allocation and one hash. */
export function encodeCanonical(text: string): { readonly canonical: Buffer; readonly fingerprint: Buffer } {
  const prefixed = Buffer.from(PREFIX + text);
  return {
    canonical: prefixed.subarray(PREFIX.length),
    fingerprint: hash('sha256', prefixed, 'buffer').subarray(0, 16),
  };
}
