/*
 * Erases one person. At once: on the list, rows emptied, letters that name them gone. What is archived is forgotten
 * everywhere; what the district still shares keeps an empty row, and is forgotten when the erasure is asked for again
 * after it was archived.
 */
import { randomUUID } from 'node:crypto';
import { partitionOf, recordHash, type EntityType } from '#contracts';
import type { ErasedRecord } from '../../apps/persister/src/roster-store/removal.store.js';
import type { Stores } from '../verify/stores.js';
import type { Removal } from './removal.js';

export interface Receipt {
  readonly receipt: string;
  readonly districtId: string;
  readonly at: string;
  /** False: ask again when the district no longer shares the person. */
  readonly complete: boolean;
  readonly deadLetters: number;
  /** By hash: a receipt names nobody. */
  readonly records: readonly {
    readonly entityType: EntityType;
    readonly recordHash: string;
    readonly state: 'forgotten' | 'still shared, kept empty';
  }[];
}

export async function eraseUser(
  stores: Stores,
  removal: Removal,
  districtId: string,
  userId: string,
): Promise<Receipt> {
  const receipt = randomUUID();
  const { records, letters } = await removal.rows.suppressUser(districtId, userId, receipt);
  const states: Receipt['records'][number][] = [];
  for (const record of records) {
    const known = record.partition < 0 ? await fromIndex(stores, districtId, record) : record;
    const { entityType, gg4lId } = known;
    if (!known.active) await removal.remove(entityType, districtId, [known], true);
    const hash = recordHash(districtId, entityType, gg4lId).toString('hex');
    states.push({
      entityType,
      recordHash: hash,
      state: known.active ? 'still shared, kept empty' : 'forgotten',
    });
  }
  const complete = states.every(({ state }) => state === 'forgotten');
  const at = new Date().toISOString();
  return { receipt, districtId, at, complete, deadLetters: letters, records: states };
}

/** Of a record without a row: what the index knows of it. */
async function fromIndex(stores: Stores, districtId: string, record: ErasedRecord): Promise<ErasedRecord> {
  const { entityType, gg4lId } = record;
  const partition = partitionOf(recordHash(districtId, entityType, gg4lId), stores.partitions.length);
  const epoch = await stores.index.epoch(partition);
  const place = { partition, districtId, entityType };
  const [entry] = epoch === null ? [] : await stores.index.entries({ ...place, epoch }, [gg4lId]);
  return { ...record, partition, generation: entry?.generation ?? 0, active: entry?.status === 'active' };
}
