/*
 * Mends what a verification found. Rows are made anew from the topic. The index is never written to: a fence of a
 * higher epoch in the raw log makes whoever holds the partition fold it anew from the change topics.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { encodeRawMessage, type EntityType } from '#contracts';
import { decodeEntries, type ChangeEntry } from '#roster-consumer';
import { RowRepair } from '../../apps/persister/src/roster-store/row-repair.js';
import type { Difference } from './differences.js';
import { keyOf, type Stores } from './stores.js';

const REBUILT_LOOKS = 240;
const LOOK_EVERY_MS = 500;

export class Repair {
  constructor(
    private readonly stores: Stores,
    private readonly author: string,
  ) {}

  async mend(differences: readonly Difference[]): Promise<void> {
    const places = new Map<string, Difference[]>();
    for (const difference of differences.filter(({ copy }) => copy === 'table')) {
      const place = `${difference.entityType}/${difference.partition}`;
      places.set(place, [...(places.get(place) ?? []), difference]);
    }
    for (const rows of places.values()) await this.#mendRows(rows);
    await this.#rebuild(
      new Set(differences.filter(({ copy }) => copy === 'index').map(({ partition }) => partition)),
    );
  }

  async #mendRows(rows: readonly Difference[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const { entityType, partition } = first;
    const events = new Map<string, ChangeEntry[]>(rows.map((row) => [keyOf(row), []]));
    await this.#collect(entityType, partition, events);
    const remains = rows.map(({ districtId, gg4lId, version = null }) => {
      const own = events.get(keyOf({ districtId, gg4lId })) ?? [];
      return { districtId, gg4lId, partition, version, events: own };
    });
    await new RowRepair(this.stores.database).mend(entityType, remains);
  }

  async #collect(
    type: EntityType,
    partition: number,
    events: ReadonlyMap<string, ChangeEntry[]>,
  ): Promise<void> {
    const topic = this.stores.topics.changes[type];
    const { start, end } = await this.stores.reader.ends(topic, partition);
    let fence = 0;
    for await (const messages of this.stores.reader.read(topic, partition, start, end)) {
      for (const entry of decodeEntries(type, messages)) {
        if (entry.kind === 'tombstone') {
          const { districtId, gg4lId } = entry;
          if (districtId !== undefined && gg4lId !== undefined)
            events.get(keyOf({ districtId, gg4lId }))?.splice(0);
        }
        if (entry.kind === 'fence') fence = Math.max(fence, entry.event.epoch);
        if (entry.kind !== 'change' || entry.event.epoch < fence) continue;
        events.get(keyOf({ districtId: entry.districtId, gg4lId: entry.event.subject }))?.push(entry);
      }
    }
  }

  /** Waits until each is at a higher epoch; gives up where no reconciler works. */
  async #rebuild(partitions: ReadonlySet<number>): Promise<void> {
    const before = new Map<number, number>();
    for (const partition of partitions) {
      const epoch = (await this.stores.index.epoch(partition)) ?? 0;
      before.set(partition, epoch);
      const value = encodeRawMessage({ kind: 'fence', epoch: epoch + 1, author: this.author });
      await this.stores.publisher.append(this.stores.topics.raw, { partition, key: null, value });
    }
    for (let look = 0; look < REBUILT_LOOKS && before.size > 0; look += 1) {
      for (const [partition, epoch] of before) {
        if (((await this.stores.index.epoch(partition)) ?? 0) > epoch) before.delete(partition);
      }
      if (before.size > 0) await pause(LOOK_EVERY_MS);
    }
  }
}
