/*
 * Erases one person. At once: on the list, so that no snapshot that begins from now on holds them; rows emptied, letters
 * that name them gone. As soon as no run of the district is open: everything, whether the district still shares the
 * person or not. Until the erasure is released it does not come back.
 */
import { randomUUID } from 'node:crypto';
import { partitionOf, recordHash, type EntityType } from '#contracts';
import type { ErasedRecord } from '../../apps/persister/src/roster-store/removal.store.js';
import { enrollmentsOf } from './enrolled.js';
import { wasKnown } from './known.js';
import { DistrictBusyError, type QuietDistrict } from './quiet-district.js';
import type { Removal } from './removal.js';
import { UnchangedTopic } from './unchanged-topic.js';

/** Readings of the topic, each of them outrun by a change of the district. */
const MOST_READS = 5;

export interface Receipt {
  readonly receipt: string;
  readonly districtId: string;
  readonly at: string;
  /** False: ask again. */
  readonly complete: boolean;
  readonly deadLetters: number;
  /** By hash: a receipt names nobody. `not found`: neither row, index, topic nor an earlier erasure knew it. */
  readonly records: readonly {
    readonly entityType: EntityType;
    readonly recordHash: string;
    readonly state: 'forgotten' | 'not found' | 'changed meanwhile';
  }[];
  /** What the district goes on sharing of the person. */
  readonly fromNowOn: string;
}

/** Throws DistrictBusyError while a run is open: then only what is done at once is done. */
export async function eraseUser(removal: Removal, districtId: string, userId: string): Promise<Receipt> {
  const receipt = randomUUID();
  const first = await removal.rows.suppressUser(districtId, userId, receipt, []);
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    await removal.quietly(districtId, () => Promise.resolve()); // else the topic would be read for nothing
    const topic = await UnchangedTopic.from(removal.stores, 'enrollments', districtId);
    const enrolled = await enrollmentsOf(removal.stores, districtId, userId);
    if (await topic.hasChanged()) continue;
    const made = await removal.quietly(districtId, async (district) => {
      if (await topic.hasChanged()) return null;
      const { records, letters } = await removal.rows.suppressUser(
        districtId,
        userId,
        receipt,
        enrolled.theirs,
        enrolled.others,
      );
      return { records, gone: await forgetAll(removal, district, records), letters };
    });
    if (made === null) continue;
    const { gone, letters } = made;
    const records = await statesOf(removal, districtId, made.records, gone);
    return {
      receipt,
      districtId,
      at: new Date().toISOString(),
      complete: records.every(({ state }) => state !== 'changed meanwhile'),
      deadLetters: first.letters + letters,
      records,
      fromNowOn: 'left out of every snapshot until released',
    };
  }
  throw new DistrictBusyError(`${districtId}: its enrollments changed whenever they were read`);
}

/** Nobody of that id was ever there. */
export function isOfNobody({ records, deadLetters }: Receipt): boolean {
  return deadLetters === 0 && records.every(({ state }) => state === 'not found');
}

/** Gives the hashes of those that are gone, by type. */
async function forgetAll(
  removal: Removal,
  district: QuietDistrict,
  records: readonly ErasedRecord[],
): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  for (const type of ['enrollments', 'demographics', 'users'] as const)
    for (const hash of await forget(removal, district, type, records)) gone.add(hash);
  return gone;
}

async function statesOf(
  { stores }: Removal,
  districtId: string,
  records: readonly ErasedRecord[],
  gone: ReadonlySet<string>,
): Promise<Receipt['records']> {
  const states: Receipt['records'][number][] = [];
  for (const { entityType, gg4lId } of records) {
    const hash = hashOf(districtId, entityType, gg4lId);
    // An enrollment is only known by what says whose it is.
    const isFound = entityType === 'enrollments' || (await wasKnown(stores, districtId, entityType, gg4lId));
    const state = !gone.has(hash) ? 'changed meanwhile' : isFound ? 'forgotten' : 'not found';
    states.push({ entityType, recordHash: hash, state });
  }
  return states;
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
