/*
 * Removes a district that left: every record of it, active or archived, as the tables and the index know them, then what
 * is kept about it. In batches, each looking anew whether the district is still suspended: one that comes back meanwhile
 * keeps what is left, and its next run creates the rest. What is interrupted goes on where it is started again. The list
 * of the erased stays, so that they stay out should the district ever come back; so does the ledger of its runs.
 */
import { ENTITY_TYPES, watermarkKey, type EntityType } from '#contracts';
import type { RemovableRow } from '../../apps/persister/src/roster-store/removal.store.js';
import type { IndexPlace } from '../../apps/reconciler/src/roster-index/index-reader.js';
import type { Stores } from '../verify/stores.js';
import type { QuietDistrict } from './quiet-district.js';
import { readToItsEnd } from './read-to-its-end.js';
import { BATCH, type Removal, type Removed } from './removal.js';

/** Only a district that is suspended may go whole. */
export class DistrictStaysError extends Error {}

export type Told = (progress: { readonly entityType: EntityType; readonly removed: number }) => void;

const CHILDREN_FIRST = [...ENTITY_TYPES].reverse();
const WHOLE = { what: 'any', whole: true } as const;

export class DistrictPurge {
  readonly #stores: Stores;

  constructor(
    private readonly removal: Removal,
    private readonly districtId: string,
  ) {
    this.#stores = removal.stores;
  }

  /** What would go, by type, and why it may; throws DistrictStaysError if it may not. */
  async preview(): Promise<{ readonly reason: string | null; readonly rows: Removed }> {
    const rows: Removed = {};
    for (const type of ENTITY_TYPES) rows[type] = await this.removal.rows.count(type, this.districtId);
    return this.#whileAway(async ({ reason }) => ({ reason, rows }));
  }

  async run(tell: Told): Promise<Readonly<Removed>> {
    const removed: Removed = {};
    for (const type of CHILDREN_FIRST) {
      for await (const batch of this.#known(type)) {
        const gone = await this.#whileAway((district) => this.removal.remove(district, type, batch, WHOLE));
        removed[type] = (removed[type] ?? 0) + gone.length;
        tell({ entityType: type, removed: removed[type] });
      }
    }
    await this.#whileAway((district) => this.#removeRest(district));
    return removed;
  }

  /** Rows, then what only the index knows. */
  async *#known(type: EntityType): AsyncGenerator<readonly RemovableRow[]> {
    for (let after = ''; ;) {
      const rows = await this.removal.rows.rowsAfter(type, this.districtId, after, BATCH);
      const last = rows.at(-1);
      if (last === undefined) break;
      yield rows;
      after = last.gg4lId;
    }
    for (const partition of this.#stores.partitions) {
      let epoch = await this.#stores.index.epoch(partition);
      while (epoch !== null) {
        yield* this.#indexed({ partition, epoch, districtId: this.districtId, entityType: type });
        const now = await this.#stores.index.epoch(partition);
        epoch = now === epoch ? null : now; // rebuilt meanwhile: looked at anew
      }
    }
  }

  async *#indexed(place: IndexPlace): AsyncGenerator<readonly RemovableRow[]> {
    const { partition } = place;
    let batch: RemovableRow[] = [];
    for await (const records of this.#stores.index.records(place)) {
      for (const { gg4lId, entry } of records)
        batch.push({ gg4lId, partition, generation: entry.generation });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async #removeRest({ confirmQuiet }: QuietDistrict): Promise<void> {
    const { index, publisher, topics, partitions } = this.#stores;
    const key = watermarkKey(this.districtId);
    for (const partition of partitions) {
      const epoch = await readToItsEnd(this.#stores, partition);
      await confirmQuiet();
      if (epoch !== null) await index.dropDistrict(partition, epoch, this.districtId);
      for (const type of ENTITY_TYPES)
        await publisher.publish(topics.changes[type], [{ partition, key, value: null }]);
    }
    await confirmQuiet();
    await this.removal.rows.removeRest(this.districtId);
  }

  #whileAway<T>(act: (district: QuietDistrict) => Promise<T>): Promise<T> {
    return this.removal.quietly(this.districtId, (district) => {
      if (district.state === 'suspended') return act(district);
      const why = district.state === null ? 'the ledger does not know it' : `it is ${district.state}`;
      throw new DistrictStaysError(`${this.districtId} is not suspended: ${why}`);
    });
  }
}
