import { NO_SCHOOL, type ArchivedEvent, type Change, type RecordEvent } from '#contracts';
import type { Entry } from '#roster-consumer';
import type { Published } from './published.js';

const NO_BYTES = Buffer.alloc(0);

/** A message of a change topic as a consumer decodes it. */
export function toEntry(offset: bigint, message: Published): Entry {
  switch (message.kind) {
    case 'change':
      return changeEntry(offset, message);
    case 'watermark': {
      const { districtId, entityType, generation, epoch, time, partition, active, xor } = message.fields;
      const envelope = { specversion: '1.0', id: '-', source: `/districts/${districtId}`, time } as const;
      const datacontenttype = 'application/json';
      const type = `roster.${entityType}.watermark`;
      const data = { partition, active, xor };
      return {
        kind: 'watermark',
        offset,
        districtId,
        event: { ...envelope, type, datacontenttype, generation, epoch, data },
      };
    }
    case 'fence': {
      const { entityType, partition, epoch, author } = message.fields;
      const envelope = { specversion: '1.0', id: '-', source: `/partitions/${partition}`, time: '' } as const;
      const type = `roster.${entityType}.fence`;
      return {
        kind: 'fence',
        offset,
        event: { ...envelope, type, epoch, datacontenttype: 'application/json', data: { author } },
      };
    }
  }
}

function changeEntry(offset: bigint, { change }: Published & { kind: 'change' }): Entry {
  const { districtId, verb, schoolHash } = change;
  const event = verb === 'archived' ? archivedEvent(change) : recordEvent(change);
  if (!schoolHash.equals(NO_SCHOOL)) event.school = schoolHash.toString('hex');
  return { kind: 'change', offset, districtId, verb, value: NO_BYTES, event };
}

/* Name by name: objects made of others are slow to make and to read, and every consumer reads these. */

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
