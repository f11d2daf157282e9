import { describe, expect, it } from '@jest/globals';
import { decodeChangeMessage, encodeChange, encodeFence, encodeWatermark } from './change-messages.js';
import { decodeDeadLetter, encodeDeadLetter, MAX_DEAD_LETTER_BYTES } from './dead-letters.js';
import { ENTITY_TYPES } from './entity-types.js';
import { partitionOf, recordHash, watermarkTerm, XorSum } from './hashes.js';
import { decodeRawMessage, encodeRawMessage } from './raw-codec.js';
import { decodeReport, encodeReport } from './reports.js';
import {
  CHANGE_SAMPLES,
  DEAD_LETTER_SAMPLES,
  DISTRICT_EVENT_SAMPLES,
  FENCE_SAMPLE,
  RAW_SAMPLES,
  REPORT_SAMPLES,
  SNAPSHOT_SAMPLE,
  WATERMARK_SAMPLE,
} from './samples.js';
import { decodeDistrictEvent, encodeDistrictEvent } from './district-events.js';
import { decodeSnapshotEvent, encodeSnapshotEvent } from './snapshot-events.js';
import { topicNames, topicSpecs } from './topics.js';
import { MalformedMessageError } from './validation.js';

describe('raw messages', () => {
  it.each(RAW_SAMPLES.map((sample) => [sample.kind, sample] as const))(
    '%s comes back as it was',
    (_, sample) => {
      expect(decodeRawMessage(encodeRawMessage(sample))).toEqual(sample);
    },
  );

  it('cut off anywhere is malformed, never half read', () => {
    for (const sample of RAW_SAMPLES) {
      const bytes = encodeRawMessage(sample);
      for (let length = 0; length < bytes.length; length += 1) {
        expect(() => decodeRawMessage(bytes.subarray(0, length))).toThrow(MalformedMessageError);
      }
      expect(() => decodeRawMessage(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(MalformedMessageError);
    }
  });

  it('of an unknown layout or kind are malformed', () => {
    expect(() => decodeRawMessage(Buffer.from([2, 0, 0, 0, 0, 0]))).toThrow(/unknown layout/);
    expect(() => decodeRawMessage(Buffer.from([1, 99, 0, 0, 0, 0]))).toThrow(/unknown kind/);
  });
});

describe('reports', () => {
  it.each(REPORT_SAMPLES.map((sample) => [sample.kind, sample] as const))(
    '%s comes back as it was',
    (_, sample) => {
      expect(decodeReport(encodeReport(sample))).toEqual(sample);
    },
  );

  it('of an unknown kind are malformed, and the error holds no content', () => {
    const bytes = Buffer.from(JSON.stringify({ kind: 'gossip', secret: 'hush' }));
    expect(() => decodeReport(bytes)).toThrow(MalformedMessageError);
    expect(() => decodeReport(bytes)).not.toThrow(/hush/);
  });
});

describe('change messages', () => {
  it.each(CHANGE_SAMPLES.map((sample) => [sample.verb, sample] as const))(
    '%s names its record and version',
    (_, sample) => {
      const { key, value } = encodeChange(sample);
      const decoded = decodeChangeMessage(value);
      if (decoded.kind !== 'change') throw new Error('a change is a change');
      expect(key).toBe(`${sample.districtId}/users/s-1`);
      expect(decoded).toMatchObject({
        verb: sample.verb,
        districtId: sample.districtId,
        entityType: 'users',
      });
      expect(decoded.event).toMatchObject({ subject: 's-1', generation: sample.generation, epoch: 1 });
      expect('data' in decoded.event).toBe(sample.verb !== 'archived');
    },
  );

  it('carry the canonical record byte for byte', () => {
    const [created] = CHANGE_SAMPLES;
    if (created?.body === undefined) throw new Error('the first sample has a body');
    expect(encodeChange(created).value.includes(created.body)).toBe(true);
  });

  it('are the same bytes in a repeat', () => {
    for (const sample of CHANGE_SAMPLES) expect(encodeChange({ ...sample })).toEqual(encodeChange(sample));
  });

  it('watermark and fence carry what a consumer checks', () => {
    expect(decodeChangeMessage(encodeWatermark(WATERMARK_SAMPLE).value)).toMatchObject({
      kind: 'watermark',
      event: {
        generation: WATERMARK_SAMPLE.generation,
        data: { partition: 3, active: 88, xor: '0f1e2d3c4b5a6978' },
      },
    });
    expect(encodeFence(FENCE_SAMPLE).key).toBe('!fence/2/reconciler-1');
    expect(decodeChangeMessage(encodeFence(FENCE_SAMPLE).value)).toMatchObject({
      kind: 'fence',
      event: { epoch: 2, data: { author: 'reconciler-1' } },
    });
  });

  it('without a record, or of no known type, are malformed', () => {
    const event = JSON.parse(String(encodeChange(CHANGE_SAMPLES[0] ?? fail()).value)) as object;
    expect(() => decodeChangeMessage(Buffer.from(JSON.stringify({ ...event, data: undefined })))).toThrow(
      MalformedMessageError,
    );
    expect(() =>
      decodeChangeMessage(Buffer.from(JSON.stringify({ ...event, type: 'roster.pets.created' }))),
    ).toThrow(/unknown type/);
    expect(() => decodeChangeMessage(Buffer.from('null'))).toThrow(MalformedMessageError);
  });
});

describe('snapshot events and dead letters', () => {
  it('come back as they were', () => {
    for (const sample of DISTRICT_EVENT_SAMPLES) {
      const { type, source, data } = decodeDistrictEvent(encodeDistrictEvent(sample).value);
      expect([type, source, data.reason, data.generation ?? 0]).toEqual([
        `roster.district.${sample.moment}`,
        `/districts/${sample.districtId}`,
        sample.data.reason,
        sample.generation,
      ]);
    }
    expect(decodeSnapshotEvent(encodeSnapshotEvent(SNAPSHOT_SAMPLE).value)).toMatchObject({
      type: 'roster.snapshot.held',
      generation: SNAPSHOT_SAMPLE.generation,
      data: SNAPSHOT_SAMPLE.data,
    });
    for (const sample of DEAD_LETTER_SAMPLES) {
      expect(decodeDeadLetter(encodeDeadLetter(sample).value)).toMatchObject({
        origin: sample.origin,
        reason: sample.reason,
        contents: sample.contents.toString('base64'),
      });
    }
  });

  it('keep at most 16 KiB of what could not be read', () => {
    const [sample] = DEAD_LETTER_SAMPLES;
    const letter = decodeDeadLetter(
      encodeDeadLetter({ ...(sample ?? fail()), contents: Buffer.alloc(99_999) }).value,
    );
    expect(Buffer.from(letter.contents, 'base64')).toHaveLength(MAX_DEAD_LETTER_BYTES);
    expect(letter.contentsBytes).toBe(99_999);
  });
});

describe('hashes and topics', () => {
  it('are what the contract says, to the byte', () => {
    expect(recordHash('d', 'users', 'é').toString('hex')).toBe('60521bb2d730a728');
    expect(partitionOf(Buffer.from('00000011ffffffff', 'hex'), 12)).toBe(5);
    expect(watermarkTerm('s-1', Buffer.alloc(16)).toString('hex')).toBe('d67df5d19ac15f9b');
  });

  it('an xor sum does not depend on order, and what is removed is gone', () => {
    const [a, b] = [recordHash('d', 'users', 'a'), recordHash('d', 'users', 'b')];
    const sum = new XorSum();
    sum.add(a);
    sum.add(b);
    sum.remove(a);
    expect([sum.hex, sum.count]).toEqual([b.toString('hex'), 1]);
    expect(new XorSum(sum.hex, 1).hex).toBe(sum.hex);
  });

  it('the public topics have their bare names in the default namespace only', () => {
    expect(topicNames('rollcall')).toMatchObject({
      raw: 'rollcall.raw.v1',
      snapshots: 'roster.snapshots.v1',
    });
    expect(topicNames('demo').changes.users).toBe('demo.roster.users.v1');
    const specs = topicSpecs('rollcall', 12);
    expect(specs.filter(({ partitions }) => partitions === 12)).toHaveLength(1 + ENTITY_TYPES.length);
  });
});

function fail(): never {
  throw new Error('there is a sample');
}
