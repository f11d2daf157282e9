/*
 * Erases one person. At once: on the list, so that no snapshot that begins from now on holds them; rows emptied, letters
 * that name them gone. As soon as no run of the district is open: everything, whether the district still shares the
 * person or not. Until the erasure is released it does not come back.
 */
import { randomUUID } from 'node:crypto';
import { partitionOf, recordHash, type EntityType } from '#contracts';
import type { ErasedRecord } from '../../apps/persister/src/roster-store/removal.store.js';
import { enrollmentsOf } from './enrolled.js';
import type { QuietDistrict } from './quiet-district.js';
import type { Removal } from './removal.js';

export interface Receipt {
  readonly receipt: string;
  readonly districtId: string;
  readonly at: string;
  /** False: ask again. */
  readonly complete: boolean;
  readonly deadLetters: number;
  /** By hash: a receipt names nobody. */
  readonly records: readonly {
    readonly entityType: EntityType;
    readonly recordHash: string;
    readonly state: 'forgotten' | 'changed meanwhile';
  }[];
  /** What the district goes on sharing of the person. */
  readonly fromNowOn: string;
}

/** Throws DistrictBusyError while a run is open: then only what is done at once is done. */
export async function eraseUser(removal: Removal, districtId: string, userId: string): Promise<Receipt> {
  const receipt = randomUUID();
  const first = await removal.rows.suppressUser(districtId, userId, receipt, []);
  return removal.quietly(districtId, async (district) => {
    const { theirs, others } = await enrollmentsOf(removal.stores, districtId, userId);
    const { records, letters } = await removal.rows.suppressUser(districtId, userId, receipt, theirs, others);
    const gone = new Set<string>();
    for (const type of ['enrollments', 'demographics', 'users'] as const)
      for (const hash of await forget(removal, district, type, records)) gone.add(hash);
    const states = records.map(({ entityType, gg4lId }) => {
      const hash = hashOf(districtId, entityType, gg4lId);
      const state = gone.has(hash) ? ('forgotten' as const) : ('changed meanwhile' as const);
      return { entityType, recordHash: hash, state };
    });
    return {
      receipt,
      districtId,
      at: new Date().toISOString(),
      complete: states.every(({ state }) => state === 'forgotten'),
      deadLetters: first.letters + letters,
      records: states,
      fromNowOn: 'left out of every snapshot until released',
    };
  });
}

async function forget(
  removal: Removal,
  district: QuietDistrict,
  type: EntityType,
  records: readonly ErasedRecord[],
): Promise<readonly string[]> {
  const { districtId } = district;
  const rows: ErasedRecord[] = [];
  for (const record of records)
    if (record.entityType === type) rows.push(await withIndex(removal, districtId, record));
  const removed = await removal.remove(district, type, rows, { what: 'any', forget: true });
  return removed.map(({ gg4lId }) => hashOf(districtId, type, gg4lId));
}

/** The index may be ahead of the rows, and know records that have none. */
async function withIndex(
  { stores }: Removal,
  districtId: string,
  record: ErasedRecord,
): Promise<ErasedRecord> {
  const { entityType, gg4lId } = record;
  const partition = partitionOf(recordHash(districtId, entityType, gg4lId), stores.partitions.length);
  const epoch = await stores.index.epoch(partition);
  const place = { partition, districtId, entityType };
  const [entry] = epoch === null ? [] : await stores.index.entries({ ...place, epoch }, [gg4lId]);
  return { ...record, partition, generation: Math.max(entry?.generation ?? 0, record.generation) };
}

function hashOf(districtId: string, type: EntityType, gg4lId: string): string {
  return recordHash(districtId, type, gg4lId).toString('hex');
}
