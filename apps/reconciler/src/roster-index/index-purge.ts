/*
 * The index for whoever removes records for good. What has changed since it was looked at is left as it is, and what
 * was active leaves the digest in the same call, so that the next watermark counts what is left.
 */
import { ENTITY_TYPES, watermarkTerm } from '#contracts';
import type { IndexEntry } from '../reconciliation/index-state.js';
import { STATE_BYTES, stateOf } from './entry-codec.js';
import { IndexReader, type IndexPlace } from './index-reader.js';
import { evaluate } from './script-client.js';
import { DROP_DISTRICT } from './scripts/drop-district.script.js';
import { DROP } from './scripts/drop.script.js';

export interface RemovableRecord {
  readonly gg4lId: string;
  readonly generation: number;
}

/** `archived`: only what is archived, and of the generation given; `any`: whatever it is. */
export type Removable = 'archived' | 'any';

const NO_STATE = Buffer.alloc(STATE_BYTES);
const NO_FINGERPRINT = Buffer.alloc(16);

export class IndexPurge extends IndexReader {
  /** The records that the index does not hold any more, now or before. */
  async drop<R extends RemovableRecord>(
    place: IndexPlace,
    records: readonly R[],
    what: Removable,
  ): Promise<readonly R[]> {
    const { partition, epoch, districtId, entityType } = place;
    const found = await this.entries(
      place,
      records.map(({ gg4lId }) => gg4lId),
    );
    const due = records.flatMap((record, at) => {
      const entry = found[at] ?? null;
      return isDue(entry, record, what) ? [{ record, entry }] : [];
    });
    const keys = this.keys(partition);
    const named = [
      keys.position,
      keys.index(epoch, districtId, entityType),
      keys.active(epoch, districtId, entityType),
      keys.digest(epoch, districtId),
    ];
    const operands = [
      String(epoch),
      entityType,
      Buffer.concat(due.map(({ entry }) => (entry === null ? NO_STATE : stateOf(entry)))),
      Buffer.concat(
        due.map(({ record, entry }) => watermarkTerm(record.gg4lId, entry?.fingerprint ?? NO_FINGERPRINT)),
      ),
      ...due.map(({ record }) => record.gg4lId),
    ];
    const marks = String(await evaluate(this.client, DROP, named, operands));
    return due.flatMap(({ record }, at) => (marks[at] === '1' ? [record] : []));
  }

  /** All that the partition holds of a district; false if the epoch is another by now. */
  async dropDistrict(partition: number, epoch: number, districtId: string): Promise<boolean> {
    const keys = this.keys(partition);
    const named = [keys.position, keys.snapshot(epoch, districtId), keys.digest(epoch, districtId)];
    for (const type of ENTITY_TYPES)
      named.push(keys.index(epoch, districtId, type), keys.active(epoch, districtId, type));
    return (await evaluate(this.client, DROP_DISTRICT, named, [String(epoch)])) === 1;
  }
}

function isDue(entry: IndexEntry | null, { generation }: RemovableRecord, what: Removable): boolean {
  if (entry === null || what === 'any') return true;
  return entry.status === 'archived' && entry.generation === generation;
}
