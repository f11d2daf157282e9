/* Writes the messages of the conformance test, in order, each at the offset it gets in a fresh topic. */
import { createHash } from 'node:crypto';
import type { ChangeCause, ChangeVerb } from '../change-schemas.js';
import { changeKey, encodeChange, encodeFence, encodeWatermark } from '../change-messages.js';
import type { EntityType } from '../entity-types.js';
import { NO_SCHOOL, partitionOf, recordHash, watermarkTerm, XorSum } from '../hashes.js';

export const PARTITIONS = 2;

export interface ConformanceMessage {
  /** `backlog` lies in the topic when reading begins, `live` comes when all of that has been read. */
  readonly part: 'backlog' | 'live';
  readonly type: EntityType;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** The JSON of the value; a text that is none; null for a tombstone. */
  readonly value: unknown;
  readonly says: string;
}

export interface Ref {
  readonly type: EntityType;
  readonly partition: number;
  readonly offset: number;
}

export interface SequenceChange {
  readonly verb: ChangeVerb;
  readonly id: string;
  readonly generation: number;
  readonly district: string;
  readonly epoch?: number;
  readonly cause?: ChangeCause;
  /** What its `data` says beside the id, and so its fingerprint. */
  readonly name?: string;
  /** Attributes named as changed. */
  readonly changed?: readonly string[];
  /** Generation that archived what is restored. */
  readonly archivedIn?: number;
}

/** Opening time of the run of a generation. */
const timeOf = (generation: number): string => new Date(Date.UTC(2026, 8, 1, 0, generation)).toISOString();

export class Sequence {
  readonly messages: ConformanceMessage[] = [];
  part: ConformanceMessage['part'] = 'backlog';

  change(type: EntityType, change: SequenceChange, says: string): Ref {
    const { verb, id, generation, district, epoch = 1, cause, changed, archivedIn } = change;
    const body = bodyOf(change);
    const { key, value } = encodeChange({
      ...{ districtId: district, entityType: type, gg4lId: id, verb, generation, epoch },
      time: timeOf(generation),
      fingerprint: Buffer.from(fingerprintOf(change), 'hex'),
      schoolHash: NO_SCHOOL,
      ...(changed === undefined ? {} : { changed }),
      ...(archivedIn === undefined ? {} : { archivedAt: timeOf(archivedIn) }),
      ...(verb === 'archived' ? { cause: cause ?? 'absent' } : { body, ...(cause ? { cause } : {}) }),
    });
    const partition = partitionOf(recordHash(district, type, id), PARTITIONS);
    return this.add(type, partition, key, JSON.parse(value.toString()), says);
  }

  watermark(
    type: EntityType,
    partition: number,
    { district, generation, epoch = 1 }: { district: string; generation: number; epoch?: number },
    active: readonly SequenceChange[],
    says: string,
  ): Ref {
    const sum = new XorSum();
    for (const change of active) sum.add(watermarkTerm(change.id, Buffer.from(fingerprintOf(change), 'hex')));
    const { key, value } = encodeWatermark({
      ...{ districtId: district, entityType: type, partition, generation, epoch },
      ...{ time: timeOf(generation), active: sum.count, xor: sum.hex },
    });
    return this.add(type, partition, key, JSON.parse(value.toString()), says);
  }

  fence(type: EntityType, partition: number, epoch: number, says: string): Ref {
    const author = `reconciler-${epoch}`;
    const { key, value } = encodeFence({ entityType: type, partition, epoch, author, time: timeOf(0) });
    return this.add(type, partition, key, JSON.parse(value.toString()), says);
  }

  tombstone(type: EntityType, district: string, id: string, says: string): Ref {
    const partition = partitionOf(recordHash(district, type, id), PARTITIONS);
    return this.add(type, partition, changeKey(district, type, id), null, says);
  }

  add(type: EntityType, partition: number, key: string, value: unknown, says: string): Ref {
    const offset = this.messages.filter((one) => one.type === type && one.partition === partition).length;
    this.messages.push({ part: this.part, type, partition, offset, key, value, says });
    return { type, partition, offset };
  }
}

/** The n-th of `prefix-1`, `prefix-2`, … whose records lie in this partition. */
export function idIn(type: EntityType, partition: number, district: string, prefix: string): string {
  for (let at = 1; ; at += 1) {
    const id = `${prefix}-${at}`;
    if (partitionOf(recordHash(district, type, id), PARTITIONS) === partition) return id;
  }
}

export function fingerprintOf(change: SequenceChange): string {
  const hash = createHash('sha256').update('1\n').update(bodyOf(change));
  return hash.digest('hex').slice(0, 32);
}

function bodyOf({ id, name }: SequenceChange): Buffer {
  return Buffer.from(JSON.stringify({ ...(name === undefined ? {} : { givenName: name }), sourcedId: id }));
}
