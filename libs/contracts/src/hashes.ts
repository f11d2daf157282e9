import { hash } from 'node:crypto';
import type { EntityType } from './entity-types.js';

/** First 8 bytes of SHA-256 of the UTF-8 bytes, big endian. (One-shot, as binary text: a quarter of createHash's cost.) */
export function hash64(text: string): Buffer {
  return Buffer.from(hash('sha256', text, 'binary').slice(0, 8), 'latin1');
}

/** Names a record across all districts and types: `hash64(districtId \0 type \0 gg4lId)`. 8 bytes. */
export function recordHash(districtId: string, type: EntityType, gg4lId: string): Buffer {
  return hash64(`${districtId}\0${type}\0${gg4lId}`);
}

/** The partition a record lives in, in the raw log and in its change topic: first 4 bytes of its hash, modulo P. */
export function partitionOf(hash: Buffer, partitions: number): number {
  return hash.readUInt32BE(0) % partitions;
}

/** What an active record adds to its watermark's digest: `hash64(gg4lId \0 fingerprint in hex)`. 8 bytes. */
export function watermarkTerm(gg4lId: string, fingerprint: Buffer): Buffer {
  return hash64(`${gg4lId}\0${fingerprint.toString('hex')}`);
}

/** Hash of a school's id as kept beside each record; `NO_SCHOOL` where a record has none or several. 8 bytes. */
export function schoolHash(gg4lId: string): Buffer {
  return hash64(gg4lId);
}

export const NO_SCHOOL: Buffer = Buffer.alloc(8);

/** An order-independent sum of 8-byte hashes: their xor, and how many went in. */
export class XorSum {
  #high: number;
  #low: number;
  count: number;

  constructor(xorHex = '0000000000000000', count = 0) {
    this.#high = Number.parseInt(xorHex.slice(0, 8), 16) | 0;
    this.#low = Number.parseInt(xorHex.slice(8), 16) | 0;
    this.count = count;
  }

  add(hash: Buffer): void {
    this.#mix(hash);
    this.count += 1;
  }

  remove(hash: Buffer): void {
    this.#mix(hash);
    this.count -= 1;
  }

  /** 16 lower-case hex digits. */
  get hex(): string {
    return toHex32(this.#high) + toHex32(this.#low);
  }

  #mix(hash: Buffer): void {
    this.#high ^= hash.readInt32BE(0);
    this.#low ^= hash.readInt32BE(4);
  }
}

function toHex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
