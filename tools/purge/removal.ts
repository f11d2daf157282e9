/*
 * Removes archived records everywhere, in the order index, topic, table: what is interrupted is found again in the
 * table. Done only while no run of the district is open, so that no event can follow the tombstone.
 */
import { changeKey, ENTITY_TYPES, type EntityType } from '#contracts';
import { namespaceUrl } from '../../apps/persister/src/roster-store/migrate.js';
import { RemovalStore, type RemovableRow } from '../../apps/persister/src/roster-store/removal.store.js';
import type { Stores } from '../verify/stores.js';
import { whileQuiet } from './quiet-district.js';

const BATCH = 500;

export class Removal {
  readonly rows: RemovalStore;

  constructor(private readonly stores: Stores) {
    this.rows = new RemovalStore(stores.database);
  }

  /** Children before parents. Gives the number of records removed by type. */
  async purge(districtId: string, before: Date): Promise<Readonly<Partial<Record<EntityType, number>>>> {
    const removed: Partial<Record<EntityType, number>> = {};
    for (const type of [...ENTITY_TYPES].reverse()) {
      let after = '';
      for (;;) {
        const rows = await this.rows.archivedBefore(type, districtId, before, after, BATCH);
        const last = rows.at(-1);
        if (last === undefined) break;
        removed[type] = (removed[type] ?? 0) + (await this.remove(type, districtId, rows));
        after = last.gg4lId;
      }
    }
    return removed;
  }

  remove(
    type: EntityType,
    districtId: string,
    rows: readonly RemovableRow[],
    forget = false,
  ): Promise<number> {
    const { DATABASE_URL, ROLLCALL_NAMESPACE } = this.stores.config;
    return whileQuiet(namespaceUrl(DATABASE_URL, ROLLCALL_NAMESPACE), districtId, async () => {
      const dropped = await this.#dropFromIndex(type, districtId, rows);
      const topic = this.stores.topics.changes[type];
      await this.stores.publisher.publish(
        topic,
        dropped.map(({ gg4lId, partition }) => ({
          partition,
          key: changeKey(districtId, type, gg4lId),
          value: null,
        })),
      );
      return this.rows.remove(type, districtId, dropped, forget);
    });
  }

  async #dropFromIndex(
    entityType: EntityType,
    districtId: string,
    rows: readonly RemovableRow[],
  ): Promise<readonly RemovableRow[]> {
    const dropped: RemovableRow[] = [];
    for (const partition of new Set(rows.map((row) => row.partition))) {
      const own = rows.filter((row) => row.partition === partition);
      const epoch = await this.stores.index.epoch(partition);
      const place = { partition, districtId, entityType };
      dropped.push(
        ...(epoch === null ? own : await this.stores.index.dropArchived({ ...place, epoch }, own)),
      );
    }
    return dropped;
  }
}
