import { NO_SCHOOL } from '#contracts';
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
  const { districtId, entityType, gg4lId, verb, generation, epoch, time, fingerprint, schoolHash, cause } =
    change;
  const envelope = {
    ...({ specversion: '1.0', id: '-', source: `/districts/${districtId}` } as const),
    ...{ type: `roster.${entityType}.${verb}`, subject: gg4lId, time, generation, epoch },
    fingerprint: fingerprint.toString('hex'),
    ...(schoolHash.equals(NO_SCHOOL) ? {} : { school: schoolHash.toString('hex') }),
  };
  const entry = { kind: 'change', offset, districtId, verb, value: NO_BYTES } as const;
  if (verb === 'archived') return { ...entry, event: { ...envelope, cause: cause ?? 'absent' } };
  const data = { sourcedId: gg4lId };
  const refresh = cause === 'refresh' ? { cause } : {};
  return { ...entry, event: { ...envelope, ...refresh, datacontenttype: 'application/json', data } };
}
