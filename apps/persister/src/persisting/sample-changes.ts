import { createHash } from 'node:crypto';
import {
  encodeChange,
  encodeWatermark,
  NO_SCHOOL,
  type ChangeCause,
  type ChangeVerb,
  type EntityType,
} from '#contracts';
import { decodeEntries, type Entry } from './decode-entries.js';

/** A change as a spec says it: what it leaves out is the same for all. */
export interface SampleChange {
  readonly verb: ChangeVerb;
  readonly id: string;
  readonly generation: number;
  readonly district?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly cause?: ChangeCause;
}

/** Opening time of the run of a generation: one minute each. */
export function timeOf(generation: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, generation)).toISOString();
}

export function encodeSample(type: EntityType, change: SampleChange): Buffer {
  const { verb, id, generation, district = 'district-1', attributes = {}, cause } = change;
  const body = Buffer.from(JSON.stringify({ ...attributes, sourcedId: id }));
  return encodeChange({
    districtId: district,
    entityType: type,
    gg4lId: id,
    verb,
    generation,
    epoch: 1,
    time: timeOf(generation),
    fingerprint: createHash('sha256').update(body).digest().subarray(0, 16),
    schoolHash: NO_SCHOOL,
    ...(verb === 'archived'
      ? { cause: cause ?? 'absent' }
      : { body, dateLastModified: '2025-08-01T00:00:00Z' }),
    ...(verb !== 'archived' && cause !== undefined ? { cause } : {}),
  }).value;
}

export function encodeSampleWatermark(type: EntityType, generation: number): Buffer {
  return encodeWatermark({
    districtId: 'district-1',
    entityType: type,
    partition: 0,
    generation,
    epoch: 1,
    time: timeOf(generation),
    active: 0,
    xor: '0000000000000000',
  }).value;
}

/** The changes decoded, at offsets from `start`. */
export function sampleEntries(type: EntityType, changes: readonly SampleChange[], start = 0): Entry[] {
  const messages = changes.map((change, index) => ({
    offset: BigInt(start + index),
    value: encodeSample(type, change),
  }));
  return decodeEntries(type, messages);
}
