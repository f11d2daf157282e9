/*
 * Removes records everywhere, in the order index, topic, table: what is interrupted is found again in the table. Done
 * only while no run of the district is open and its partition of the raw log is read to the end, so that no event can
 * follow the tombstone; and once more if the index was rebuilt meanwhile, perhaps from what was there before it. Where
 * active records may go, the watermark of the last completed run follows with what is left.
 */
import { changeKey, encodeWatermark, ENTITY_TYPES, type EntityType } from '#contracts';
import { namespaceUrl } from '../../apps/persister/src/roster-store/migrate.js';
import { RemovalStore, type RemovableRow } from '../../apps/persister/src/roster-store/removal.store.js';
import type { Removable } from '../../apps/reconciler/src/roster-index/index-purge.js';
import type { Stores } from '../verify/stores.js';
import { whileQuiet, type QuietDistrict } from './quiet-district.js';
import { readToItsEnd } from './read-to-its-end.js';

/** Of one type, over all partitions. */
export const BATCH = 2_000;

export interface Manner {
  readonly what: Removable;
  /** Events up to the record's generation make no row again. */
  readonly forget?: boolean;
  /** The district goes whole: nothing is left to be counted. */
  readonly whole?: boolean;
}

export type Removed = Partial<Record<EntityType, number>>;

export class Removal {
  readonly rows: RemovalStore;

  constructor(readonly stores: Stores) {
    this.rows = new RemovalStore(stores.database);
  }

  /** Archived before a time; children before parents. Gives the number of records removed by type. */
  async purge(districtId: string, before: Date): Promise<Readonly<Removed>> {
    const removed: Removed = {};
    for (const type of [...ENTITY_TYPES].reverse()) {
      let after = '';
      for (;;) {
        const rows = await this.rows.rowsAfter(type, districtId, after, BATCH, before);
        const last = rows.at(-1);
        if (last === undefined) break;
        const count = await this.quietly(districtId, (district) =>
          this.remove(district, type, rows, { what: 'archived' }),
        );
        removed[type] = (removed[type] ?? 0) + count.length;
        after = last.gg4lId;
      }
    }
    return removed;
  }

  quietly<T>(districtId: string, act: (district: QuietDistrict) => Promise<T>): Promise<T> {
    const { DATABASE_URL, ROLLCALL_NAMESPACE } = this.stores.config;
    return whileQuiet(namespaceUrl(DATABASE_URL, ROLLCALL_NAMESPACE), districtId, act);
  }

  /** Gives those removed: what has changed since it was looked at stays. */
  async remove<R extends RemovableRow>(
    district: QuietDistrict,
    type: EntityType,
    rows: readonly R[],
    manner: Manner,
  ): Promise<readonly R[]> {
    const partitions = [...new Set(rows.map((row) => row.partition))];
    // All are waited for, also where one fails: nothing may be sent once the district is let go.
    const outcomes = await Promise.allSettled(
      partitions.map((partition) => {
        const own = rows.filter((row) => row.partition === partition);
        return this.#takeOut(district, type, partition, own, manner);
      }),
    );
    const removed: R[] = [];
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
      removed.push(...outcome.value);
    }
    await district.confirmQuiet();
    await this.rows.remove(type, district.districtId, removed, manner);
    return removed;
  }

  async #takeOut<R extends RemovableRow>(
    district: QuietDistrict,
    entityType: EntityType,
    partition: number,
    rows: readonly R[],
    manner: Manner,
  ): Promise<readonly R[]> {
    const { districtId } = district;
    const topic = this.stores.topics.changes[entityType];
    let epoch = await readToItsEnd(this.stores, partition);
    for (;;) {
      const place = epoch === null ? null : { partition, epoch, districtId, entityType };
      await district.confirmQuiet();
      const dropped = place === null ? rows : await this.stores.index.drop(place, rows, manner.what);
      if (dropped.length === 0) return dropped;
      const tombstones = dropped.map(({ gg4lId }) => changeKey(districtId, entityType, gg4lId));
      await this.stores.publisher.publish(
        topic,
        tombstones.map((key) => ({ partition, key, value: null })),
      );
      if (place !== null && manner.what === 'any' && manner.whole !== true)
        await this.#countWhatIsLeft(district, place);
      const now = await readToItsEnd(this.stores, partition);
      if (now === epoch) return dropped;
      epoch = now;
    }
  }

  async #countWhatIsLeft(
    { completed }: QuietDistrict,
    place: Parameters<Stores['index']['digest']>[0],
  ): Promise<void> {
    if (completed === null) return;
    const digest = await this.stores.index.digest(place);
    const message = encodeWatermark({ ...place, ...completed, ...digest });
    const topic = this.stores.topics.changes[place.entityType];
    await this.stores.publisher.append(topic, { partition: place.partition, ...message });
  }
}
