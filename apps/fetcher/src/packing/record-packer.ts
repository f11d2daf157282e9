import {
  MAX_RECORD_BYTES,
  MAX_RECORDS_MESSAGE_BYTES,
  MAX_RECORDS_PER_MESSAGE,
  NO_SCHOOL,
  rawRecordBytes,
  type EntityType,
  type RawRecord,
  type RunKey,
} from '#contracts';
import type { RecordReading } from '#oneroster';
import type { Placed } from '../ports.js';

export interface Packed {
  readonly placed: Placed;
  readonly bytes: number;
}

interface Open {
  records: RawRecord[];
  bytes: number;
}

/** Why a record is quarantined that could be read. */
export const TOO_LARGE = { attribute: null, reason: `larger than ${MAX_RECORD_BYTES / 1024} KiB` };

const NO_BYTES = Buffer.alloc(0);
const NO_FINGERPRINT = Buffer.alloc(16);

/** Packs one type's records into RECORDS messages, one open message per partition. */
export class RecordPacker {
  private readonly open: Open[];

  constructor(
    private readonly run: RunKey,
    private readonly entityType: EntityType,
    partitions: number,
    private readonly put: (packed: Packed) => void,
  ) {
    this.open = Array.from({ length: partitions }, () => ({ records: [], bytes: 0 }));
  }

  add(partition: number, record: RawRecord): void {
    const open = this.open[partition];
    if (open === undefined) throw new RangeError(`no partition ${partition}`);
    const bytes = rawRecordBytes(record);
    if (open.bytes + bytes > MAX_RECORDS_MESSAGE_BYTES) this.close(partition, open);
    open.records.push(record);
    open.bytes += bytes;
    if (open.records.length >= MAX_RECORDS_PER_MESSAGE) this.close(partition, open);
  }

  /** Puts what is still open. */
  flush(): void {
    this.open.forEach((open, partition) => this.close(partition, open));
  }

  private close(partition: number, open: Open): void {
    if (open.records.length === 0) return;
    const { districtId, generation } = this.run;
    const { entityType } = this;
    const message = { kind: 'records', districtId, generation, entityType, records: open.records } as const;
    this.put({ placed: { partition, message }, bytes: open.bytes });
    open.records = [];
    open.bytes = 0;
  }
}

/** 32 bits that differ where a record's content does, or whether it is withdrawn. */
export function contentOf({ withdrawn, fingerprint }: RawRecord): number {
  const content = fingerprint.readUInt32BE(0);
  return withdrawn ? ~content >>> 0 : content;
}

/** A reading as it travels; one that is too large goes as quarantined, and a quarantined one has no body. */
export function toRawRecord(reading: Exclude<RecordReading, { kind: 'unreadable' }>): RawRecord {
  const { gg4lId, withdrawn } = reading;
  if (reading.kind === 'record' && reading.canonical.length <= MAX_RECORD_BYTES) {
    const { fingerprint, schoolHash, dateLastModified, canonical: body } = reading;
    return { gg4lId, withdrawn, quarantined: false, fingerprint, schoolHash, dateLastModified, body };
  }
  return {
    gg4lId,
    withdrawn,
    quarantined: true,
    fingerprint: NO_FINGERPRINT,
    schoolHash: reading.kind === 'record' ? reading.schoolHash : NO_SCHOOL,
    dateLastModified: reading.kind === 'record' ? reading.dateLastModified : '',
    body: NO_BYTES,
  };
}
