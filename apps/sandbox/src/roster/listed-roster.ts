import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { PlainRecord, Roster } from './plain-record.js';

/** A roster held in memory, as read from files. Ids must be unique per type. */
export class ListedRoster implements Roster {
  private readonly records = new Map<EntityType, readonly PlainRecord[]>();
  private readonly indexes = new Map<EntityType, ReadonlyMap<string, number>>();

  constructor(records: Readonly<Partial<Record<EntityType, readonly PlainRecord[]>>>) {
    for (const type of ENTITY_TYPES) {
      const sorted = [...(records[type] ?? [])].sort((a, b) => (a.sourcedId < b.sourcedId ? -1 : 1));
      this.records.set(type, sorted);
      this.indexes.set(type, new Map(sorted.map(({ sourcedId }, index) => [sourcedId, index])));
    }
  }

  count(type: EntityType): number {
    return this.records.get(type)?.length ?? 0;
  }

  idAt(type: EntityType, index: number): string {
    return this.recordAt(type, index).sourcedId;
  }

  recordAt(type: EntityType, index: number): PlainRecord {
    const record = this.records.get(type)?.[index];
    if (record === undefined) throw new RangeError(`no ${type} record at ${index}`);
    return record;
  }

  indexOf(type: EntityType, sourcedId: string): number {
    return this.indexes.get(type)?.get(sourcedId) ?? -1;
  }
}
