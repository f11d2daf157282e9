import {
  NO_SCHOOL,
  type ArchivedEvent,
  type Change,
  type Fence,
  type RecordEvent,
  type Watermark,
  type WatermarkFields,
} from '#contracts';
import type { Entry } from '#roster-consumer';
import type { FenceFields, Published } from './published.js';

const NO_BYTES = Buffer.alloc(0);

/** A message of a change topic as a consumer decodes it. */
export function toEntry(offset: bigint, message: Published): Entry {
  switch (message.kind) {
    case 'change':
      return changeEntry(offset, message);
    case 'watermark':
      return watermarkEntry(offset, message.fields);
    case 'fence':
      return fenceEntry(offset, message.fields);
  }
}

/* Name by name: objects made of others are slow to make and to read, and every consumer reads these. */

function watermarkEntry(offset: bigint, fields: WatermarkFields): Entry {
  const { districtId, entityType, generation, epoch, time, partition, active, xor } = fields;
  const event: Watermark = {
    specversion: '1.0',
    id: '-',
    source: `/districts/${districtId}`,
    type: `roster.${entityType}.watermark`,
    time,
    datacontenttype: 'application/json',
    generation,
    epoch,
    data: { partition, active, xor },
  };
  return { kind: 'watermark', offset, districtId, event };
}

function fenceEntry(offset: bigint, { entityType, partition, epoch, author }: FenceFields): Entry {
  const event: Fence = {
    specversion: '1.0',
    id: '-',
    source: `/partitions/${partition}`,
    type: `roster.${entityType}.fence`,
    time: '',
    datacontenttype: 'application/json',
    epoch,
    data: { author },
  };
  return { kind: 'fence', offset, event };
}

function changeEntry(offset: bigint, { change }: Published & { kind: 'change' }): Entry {
  const { districtId, verb, schoolHash } = change;
  const event = verb === 'archived' ? archivedEvent(change) : recordEvent(change);
  if (!schoolHash.equals(NO_SCHOOL)) event.school = schoolHash.toString('hex');
  return { kind: 'change', offset, districtId, verb, value: NO_BYTES, event };
}

function archivedEvent(change: Change): ArchivedEvent {
  const { districtId, entityType, gg4lId, generation, epoch, time, fingerprint, cause } = change;
  return {
    specversion: '1.0',
    id: '-',
    source: `/districts/${districtId}`,
    type: `roster.${entityType}.archived`,
    subject: gg4lId,
    time,
    generation,
    epoch,
    fingerprint: fingerprint.toString('hex'),
    cause: cause ?? 'absent',
  };
}

function recordEvent(change: Change): RecordEvent {
  const { districtId, entityType, gg4lId, verb, generation, epoch, time, fingerprint, cause } = change;
  const event: RecordEvent = {
    specversion: '1.0',
    id: '-',
    source: `/districts/${districtId}`,
    type: `roster.${entityType}.${verb}`,
    subject: gg4lId,
    time,
    generation,
    epoch,
    fingerprint: fingerprint.toString('hex'),
    datacontenttype: 'application/json',
    data: { sourcedId: gg4lId },
  };
  if (cause === 'refresh') event.cause = cause;
  return event;
}
