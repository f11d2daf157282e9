// Kafka's record batch (magic 2), written in one go: kafkajs makes a buffer for every record and copies all of them
// six times, which was half of what sending an event cost. Neither idempotent nor transactional: no producer id.
import { crc32c } from './crc32c.js';
import type { OutMessage } from './log-messages.js';

export const COMPRESSIONS = { none: 0, gzip: 1 } as const;

export interface RecordBatch {
  readonly count: number;
  readonly timestamp: number;
  readonly compression: keyof typeof COMPRESSIONS;
  /** As `encodeRecords` wrote them, compressed if said so. */
  readonly records: Buffer;
}

const MAGIC = 2;
const NONE = -1;
/** baseOffset, batchLength: what the batch's own length leaves out. */
const BEFORE_LENGTH_BYTES = 12;
const CRC_AT = 17;
const CHECKED_FROM = 21;
const HEADER_BYTES = 61;

/** The records of one batch, all at its timestamp. Keys as text and headers are UTF-8. */
export function encodeRecords(messages: readonly OutMessage[]): Buffer {
  const bodies = messages.map(bodyBytes);
  const total = bodies.reduce((sum, body) => sum + varintBytes(body) + body, 0);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  messages.forEach((message, offsetDelta) => {
    at = writeVarint(bytes, at, bodies[offsetDelta] ?? 0);
    at = writeBody(bytes, at, message, offsetDelta);
  });
  return bytes;
}

export function batchBytes({ records }: RecordBatch): number {
  return HEADER_BYTES + records.length;
}

/** Returns the place behind the batch. */
export function writeBatch(bytes: Buffer, start: number, batch: RecordBatch): number {
  const { count, timestamp, compression, records } = batch;
  const end = start + batchBytes(batch);
  bytes.writeBigInt64BE(0n, start);
  bytes.writeInt32BE(end - start - BEFORE_LENGTH_BYTES, start + 8);
  bytes.writeInt32BE(NONE, start + 12); // the leader's epoch, which the broker fills in
  bytes.writeInt8(MAGIC, start + 16);
  bytes.writeInt16BE(COMPRESSIONS[compression], start + 21);
  bytes.writeInt32BE(count - 1, start + 23);
  bytes.writeBigInt64BE(BigInt(timestamp), start + 27);
  bytes.writeBigInt64BE(BigInt(timestamp), start + 35);
  bytes.writeBigInt64BE(BigInt(NONE), start + 43); // producer id
  bytes.writeInt16BE(NONE, start + 51); // producer epoch
  bytes.writeInt32BE(NONE, start + 53); // first sequence number
  bytes.writeInt32BE(count, start + 57);
  records.copy(bytes, start + HEADER_BYTES);
  bytes.writeUInt32BE(crc32c(bytes, start + CHECKED_FROM, end), start + CRC_AT);
  return end;
}

function bodyBytes({ key, value, headers = {} }: OutMessage, offsetDelta: number): number {
  const names = Object.keys(headers);
  let bytes = 2 + varintBytes(offsetDelta) + fieldBytes(key) + fieldBytes(value) + varintBytes(names.length);
  for (const name of names) bytes += fieldBytes(name) + fieldBytes(headers[name] ?? '');
  return bytes;
}

function writeBody(
  bytes: Buffer,
  start: number,
  { key, value, headers = {} }: OutMessage,
  offsetDelta: number,
): number {
  bytes[start] = 0; // attributes
  bytes[start + 1] = 0; // time after the batch's
  let at = writeVarint(bytes, start + 2, offsetDelta);
  at = writeField(bytes, at, key);
  at = writeField(bytes, at, value);
  const names = Object.keys(headers);
  at = writeVarint(bytes, at, names.length);
  for (const name of names) {
    at = writeField(bytes, at, name);
    at = writeField(bytes, at, headers[name] ?? '');
  }
  return at;
}

function fieldBytes(field: Buffer | string | null): number {
  if (field === null) return 1;
  const bytes = Buffer.byteLength(field);
  return varintBytes(bytes) + bytes;
}

function writeField(bytes: Buffer, start: number, field: Buffer | string | null): number {
  if (field === null) return writeVarint(bytes, start, NONE);
  const at = writeVarint(bytes, start, Buffer.byteLength(field));
  return at + (typeof field === 'string' ? bytes.write(field, at) : field.copy(bytes, at));
}

function varintBytes(value: number): number {
  let rest = zigzag(value);
  let bytes = 1;
  while (rest > 127) {
    rest >>>= 7;
    bytes += 1;
  }
  return bytes;
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let rest = zigzag(value);
  let at = start;
  while (rest > 127) {
    bytes[at] = (rest & 127) | 128;
    rest >>>= 7;
    at += 1;
  }
  bytes[at] = rest;
  return at + 1;
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
