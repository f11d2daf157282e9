import { createHash } from 'node:crypto';
import {
  encodeChange,
  encodeFence,
  encodeWatermark,
  NO_SCHOOL,
  watermarkTerm,
  XorSum,
  type ChangeCause,
  type ChangeVerb,
  type EntityType,
} from '#contracts';
import { decodeEntries, type Entry } from '../src/following/decode-entries.js';

/** A change as a spec says it: what it leaves out is the same for all. */
export interface SampleChange {
  readonly verb: ChangeVerb;
  readonly id: string;
  readonly generation: number;
  readonly district?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly cause?: ChangeCause;
  readonly epoch?: number;
  readonly changed?: readonly string[];
  readonly archivedAt?: string;
}

/** A watermark as a spec says it. */
export interface SampleWatermark {
  readonly generation: number;
  readonly district?: string;
  readonly epoch?: number;
  readonly active?: number;
  readonly xor?: string;
  readonly partition?: number;
}

/** Opening time of the run of a generation: one minute each. */
export function timeOf(generation: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, generation)).toISOString();
}

export function encodeSample(type: EntityType, change: SampleChange): Buffer {
  const { verb, id, generation, district = 'district-1', cause, epoch = 1, changed, archivedAt } = change;
  const body = bodyOf(change);
  return encodeChange({
    districtId: district,
    entityType: type,
    gg4lId: id,
    verb,
    generation,
    epoch,
    time: timeOf(generation),
    fingerprint: fingerprintOf(body),
    schoolHash: NO_SCHOOL,
    ...(verb === 'archived'
      ? { cause: cause ?? 'absent' }
      : { body, dateLastModified: '2025-08-01T00:00:00Z' }),
    ...(verb !== 'archived' && cause !== undefined ? { cause } : {}),
    ...(changed === undefined ? {} : { changed }),
    ...(archivedAt === undefined ? {} : { archivedAt }),
  }).value;
}

export function encodeSampleWatermark(
  type: EntityType,
  {
    generation,
    district = 'district-1',
    epoch = 1,
    active = 0,
    xor = '0'.repeat(16),
    partition = 0,
  }: SampleWatermark,
): Buffer {
  const time = timeOf(generation);
  const fields = {
    districtId: district,
    entityType: type,
    partition,
    generation,
    epoch,
    time,
    active,
    xor,
  };
  return encodeWatermark(fields).value;
}

export function encodeSampleFence(type: EntityType, epoch: number, author = 'rebuilder'): Buffer {
  return encodeFence({ entityType: type, partition: 0, epoch, author, time: timeOf(0) }).value;
}

/** Count and xor of the records that these changes leave active. */
export function digestOf(changes: readonly SampleChange[]): { active: number; xor: string } {
  const active = new Map<string, Buffer>();
  for (const change of changes) {
    if (change.verb === 'archived') active.delete(change.id);
    else active.set(change.id, fingerprintOf(bodyOf(change)));
  }
  const sum = new XorSum();
  for (const [id, fingerprint] of active) sum.add(watermarkTerm(id, fingerprint));
  return { active: sum.count, xor: sum.hex };
}

/** The changes decoded, at offsets from `start`. */
export function sampleEntries(type: EntityType, changes: readonly SampleChange[], start = 0): Entry[] {
  const messages = changes.map((change, index) => ({
    offset: BigInt(start + index),
    value: encodeSample(type, change),
  }));
  return decodeEntries(type, messages);
}

function bodyOf({ id, attributes = {} }: SampleChange): Buffer {
  return Buffer.from(JSON.stringify({ ...attributes, sourcedId: id }));
}

function fingerprintOf(body: Buffer): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, 16);
}
