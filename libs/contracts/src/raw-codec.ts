/*
 * Layout 1 of a raw message: u8 layout, u8 kind, u32 header length, header (JSON); kind RECORDS goes on with, per
 * record: u16 length and id, 16-byte fingerprint, u8 flags, 8-byte school hash, u16 length and dateLastModified,
 * u32 length and body. All integers big endian. Bodies are carried as bytes and never parsed here.
 */
import type { RawMarker, RawMessage, RawRecord, RecordsMessage } from './raw-messages.js';
import { RAW_HEADERS } from './raw-messages.js';
import { checker, MalformedMessageError, parseJson } from './validation.js';

export const RAW_LAYOUT = 1;
/** A RECORDS message is closed at about this many records … */
export const MAX_RECORDS_PER_MESSAGE = 50;
/** … or this many bytes, whichever comes first. */
export const MAX_RECORDS_MESSAGE_BYTES = 256 * 1024;
/** A record with a larger canonical body travels as quarantined, without body. */
export const MAX_RECORD_BYTES = 512 * 1024;

const KINDS = ['begin', 'records', 'end', 'apply', 'sweep', 'abort', 'ask', 'fence'] as const;
type Kind = (typeof KINDS)[number];

const FLAG_WITHDRAWN = 1;
const FLAG_QUARANTINED = 2;
const FIXED_RECORD_BYTES = 2 + 16 + 1 + 8 + 2 + 4;

const headerCheckers = {
  begin: checker('raw begin', RAW_HEADERS.begin),
  records: checker('raw records', RAW_HEADERS.records),
  end: checker('raw end', RAW_HEADERS.end),
  apply: checker('raw apply', RAW_HEADERS.apply),
  sweep: checker('raw sweep', RAW_HEADERS.sweep),
  abort: checker('raw abort', RAW_HEADERS.abort),
  ask: checker('raw ask', RAW_HEADERS.ask),
  fence: checker('raw fence', RAW_HEADERS.fence),
};

/** Size a record takes inside a RECORDS message, in bytes (an upper bound for non-ASCII ids). */
export function rawRecordBytes(record: RawRecord): number {
  return (
    FIXED_RECORD_BYTES + record.gg4lId.length * 3 + record.dateLastModified.length * 3 + record.body.length
  );
}

export function encodeRawMessage(message: RawMessage): Buffer {
  if (message.kind === 'records') return encodeRecords(message);
  const { kind, ...header } = message;
  return encodeHeader(kind, header);
}

/** Throws MalformedMessageError; never guesses. Record fields are views into `bytes`. */
export function decodeRawMessage(bytes: Buffer): RawMessage {
  if (bytes.length < 6) throw new MalformedMessageError('raw message: too short');
  if (bytes[0] !== RAW_LAYOUT) throw new MalformedMessageError('raw message: unknown layout');
  const kind = KINDS[bytes.readUInt8(1)];
  if (kind === undefined) throw new MalformedMessageError('raw message: unknown kind');
  const bodyAt = 6 + bytes.readUInt32BE(2);
  if (bodyAt > bytes.length) throw new MalformedMessageError('raw message: header is cut off');
  const header = headerCheckers[kind](parseJson(`raw ${kind}`, bytes.subarray(6, bodyAt)));
  if (kind !== 'records') {
    if (bodyAt !== bytes.length) throw new MalformedMessageError(`raw ${kind}: bytes after the header`);
    return { kind, ...header } as RawMarker;
  }
  const { count, ...rest } = header as { count: number } & Omit<RecordsMessage, 'kind' | 'records'>;
  return { kind, ...rest, records: decodeRecords(bytes, bodyAt, count) };
}

function encodeHeader(kind: Kind, header: object, extraBytes = 0): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const bytes = Buffer.allocUnsafe(6 + json.length + extraBytes);
  bytes[0] = RAW_LAYOUT;
  bytes[1] = KINDS.indexOf(kind);
  bytes.writeUInt32BE(json.length, 2);
  json.copy(bytes, 6);
  return bytes;
}

function encodeRecords(message: RecordsMessage): Buffer {
  const { kind, records, ...rest } = message;
  const bound = records.reduce((sum, record) => sum + rawRecordBytes(record), 0);
  const bytes = encodeHeader(kind, { ...rest, count: records.length }, bound);
  let at = bytes.length - bound;
  for (const record of records) at = writeRecord(bytes, at, record);
  return bytes.subarray(0, at);
}

function writeRecord(bytes: Buffer, start: number, record: RawRecord): number {
  let at = start;
  const idBytes = bytes.write(record.gg4lId, at + 2);
  bytes.writeUInt16BE(idBytes, at);
  at += 2 + idBytes;
  record.fingerprint.copy(bytes, at);
  at += 16;
  bytes[at] = (record.withdrawn ? FLAG_WITHDRAWN : 0) | (record.quarantined ? FLAG_QUARANTINED : 0);
  record.schoolHash.copy(bytes, at + 1);
  at += 9;
  const modifiedBytes = bytes.write(record.dateLastModified, at + 2);
  bytes.writeUInt16BE(modifiedBytes, at);
  at += 2 + modifiedBytes;
  bytes.writeUInt32BE(record.body.length, at);
  record.body.copy(bytes, at + 4);
  return at + 4 + record.body.length;
}

function decodeRecords(bytes: Buffer, start: number, count: number): RawRecord[] {
  const records: RawRecord[] = [];
  let at = start;
  try {
    for (let n = 0; n < count; n += 1) {
      const idEnd = at + 2 + bytes.readUInt16BE(at);
      const modifiedEnd = idEnd + 27 + bytes.readUInt16BE(idEnd + 25);
      const bodyEnd = modifiedEnd + 4 + bytes.readUInt32BE(modifiedEnd);
      const flags = bytes.readUInt8(idEnd + 16);
      if (bodyEnd > bytes.length) throw new RangeError('cut off');
      records.push({
        gg4lId: bytes.toString('utf8', at + 2, idEnd),
        fingerprint: bytes.subarray(idEnd, idEnd + 16),
        withdrawn: (flags & FLAG_WITHDRAWN) !== 0,
        quarantined: (flags & FLAG_QUARANTINED) !== 0,
        schoolHash: bytes.subarray(idEnd + 17, idEnd + 25),
        dateLastModified: bytes.toString('utf8', idEnd + 27, modifiedEnd),
        body: bytes.subarray(modifiedEnd + 4, bodyEnd),
      });
      at = bodyEnd;
    }
  } catch (cause) {
    throw new MalformedMessageError('raw records: a record is cut off', { cause });
  }
  if (at !== bytes.length) throw new MalformedMessageError('raw records: bytes after the last record');
  return records;
}
