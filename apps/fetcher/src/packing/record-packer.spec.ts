import { describe, expect, it } from '@jest/globals';
import {
  decodeRawMessage,
  encodeRawMessage,
  MAX_RECORD_BYTES,
  MAX_RECORDS_MESSAGE_BYTES,
  MAX_RECORDS_PER_MESSAGE,
  NO_SCHOOL,
  type RawRecord,
  type RecordsMessage,
} from '#contracts';
import { readRecord } from '#oneroster';
import { RecordPacker, toRawRecord, type Packed } from './record-packer.js';

const run = { districtId: 'd1', generation: 7 };
const record = (gg4lId: string, bodyBytes = 100): RawRecord => ({
  gg4lId,
  fingerprint: Buffer.alloc(16, 1),
  withdrawn: false,
  quarantined: false,
  schoolHash: NO_SCHOOL,
  dateLastModified: '',
  body: Buffer.alloc(bodyBytes, 'x'),
});

function pack(records: readonly (readonly [partition: number, record: RawRecord])[]): RecordsMessage[][] {
  const packed: Packed[] = [];
  const packer = new RecordPacker(run, 'users', 3, (message) => packed.push(message));
  for (const [partition, one] of records) packer.add(partition, one);
  packer.flush();
  return [0, 1, 2].map((partition) =>
    packed
      .filter(({ placed }) => placed.partition === partition)
      .map(({ placed }) => decodeRawMessage(encodeRawMessage(placed.message)) as RecordsMessage),
  );
}

const idsOf = (messages: readonly RecordsMessage[]): string[] =>
  messages.flatMap(({ records }) => records.map(({ gg4lId }) => gg4lId));

describe('packing', () => {
  it('loses no record and keeps their order within a partition', () => {
    const ids = Array.from({ length: 400 }, (_, n) => `id-${n}`);
    const packed = pack(ids.map((id, n) => [n % 2, record(id)]));
    expect(idsOf(packed[0] ?? [])).toEqual(ids.filter((_, n) => n % 2 === 0));
    expect(idsOf(packed[1] ?? [])).toEqual(ids.filter((_, n) => n % 2 === 1));
    expect(packed[2]).toEqual([]);
  });

  it('closes a message at the number of records it may hold', () => {
    const [messages = []] = pack(Array.from({ length: 120 }, (_, n) => [0, record(`id-${n}`)]));
    expect(messages.map(({ records }) => records.length)).toEqual([
      MAX_RECORDS_PER_MESSAGE,
      MAX_RECORDS_PER_MESSAGE,
      20,
    ]);
  });

  it('closes a message before it grows beyond its bytes', () => {
    const [messages = []] = pack(Array.from({ length: 10 }, (_, n) => [0, record(`id-${n}`, 100_000)]));
    expect(messages.map(({ records }) => records.length)).toEqual([2, 2, 2, 2, 2]);
    for (const message of messages)
      expect(encodeRawMessage(message).length).toBeLessThan(MAX_RECORDS_MESSAGE_BYTES + 200);
  });

  it('gives a record larger than a message one of its own', () => {
    const large = record('large', MAX_RECORD_BYTES);
    const [messages = []] = pack([
      [0, record('a')],
      [0, large],
      [0, record('b')],
    ]);
    expect(messages.map((message) => idsOf([message]))).toEqual([['a'], ['large'], ['b']]);
  });
});

describe('a record that travels', () => {
  const user = {
    sourcedId: 'u1',
    status: 'active',
    givenName: 'A',
    dateLastModified: '2026-01-01T00:00:00Z',
  };
  const travel = (raw: object): RawRecord => {
    const reading = readRecord('users', raw);
    if (reading.kind === 'unreadable') throw new Error('it must be readable');
    return toRawRecord(reading);
  };

  it('carries its canonical body and fingerprint', () => {
    const sent = travel(user);
    expect(JSON.parse(sent.body.toString())).toMatchObject({ sourcedId: 'u1', givenName: 'A' });
    expect(sent).toMatchObject({
      quarantined: false,
      withdrawn: false,
      dateLastModified: user.dateLastModified,
    });
    expect(sent.fingerprint).toHaveLength(16);
  });

  it.each<[string, object]>([
    ['a structure where a plain value belongs', { ...user, givenName: { first: 'A' } }],
    ['more bytes than a record may have', { ...user, note: 'x'.repeat(MAX_RECORD_BYTES) }],
  ])('with %s goes as quarantined, without body', (_name, raw) => {
    const sent = travel(raw);
    expect(sent).toMatchObject({ gg4lId: 'u1', quarantined: true });
    expect(sent.body).toHaveLength(0);
    expect(sent.fingerprint).toEqual(Buffer.alloc(16));
  });
});
