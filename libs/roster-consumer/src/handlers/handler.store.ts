/*
 * A copy that is whatever handlers make of the changes. The kit keeps of each id what was handed out last, and hands out
 * an event only if its generation is higher. What was handed out before a handler failed is kept, and not handed out
 * again; only what a dying process had no time to keep is.
 */
import type { EntityType } from '#contracts';
import type { ChangeEntry } from '../following/decode-entries.js';
import type { FoldedChanges, ForgottenRow } from '../following/fold-changes.js';
import type { FenceAt, OvertakenEvent, RosterStore, RowsDigest, Standing } from '../following/ports.js';
import { hand, type Handlers } from './handlers.js';
import type { ConsumerState, KeptRecord, RecordKey } from './state.js';

/** Counts the consumer's own copy: active records of a district, type and partition, and the xor of their terms. */
export type CountCopy = (
  districtId: string,
  entityType: EntityType,
  partition: number,
) => Promise<RowsDigest>;

export class HandlerStore implements RosterStore {
  constructor(
    private readonly handlers: Handlers,
    private readonly state: ConsumerState,
    private readonly count: CountCopy = (...place) => state.digest(...place),
  ) {}

  standing(entityType: EntityType, partition: number): Promise<Standing> {
    return this.state.standing(entityType, partition);
  }

  async write(
    entityType: EntityType,
    partition: number,
    folded: FoldedChanges,
    fences: readonly FenceAt[],
  ): Promise<number> {
    const entries = inLogOrder(folded);
    const known = await this.#known(entityType, partition, entries.map(toKey));
    const handed = new Map<string, KeptRecord>();
    const forgotten = new Map<string, RecordKey>();
    let count = 0;
    try {
      for (const entry of entries) {
        const key = keyOf(toKey(entry));
        const before = handed.get(key) ?? known.get(key);
        if (!('event' in entry)) {
          if (before !== undefined && before.offset > entry.offset) continue;
          await this.handlers[entityType]?.forgotten?.({ entityType, ...toKey(entry) });
          known.delete(key);
          handed.delete(key);
          forgotten.set(key, toKey(entry));
          continue;
        }
        if (before !== undefined && before.generation >= entry.event.generation) continue;
        await this.#hand(entityType, entry, before !== undefined);
        handed.set(key, toKept(entry));
        count += 1;
      }
    } finally {
      if (handed.size > 0 || fences.length > 0 || forgotten.size > 0) {
        await this.state.keep(entityType, partition, [...handed.values()], fences, [...forgotten.values()]);
      }
    }
    return count;
  }

  async shadowed(
    entityType: EntityType,
    events: readonly OvertakenEvent[],
    partition: number,
  ): Promise<readonly string[]> {
    const known = await this.state.find(entityType, partition, events);
    const shadows = events.filter((event, at) => {
      const record = known[at];
      if (record === undefined || record.offset >= event.offset) return false;
      return event.fenced || event.generation < record.generation;
    });
    return [...new Set(shadows.map(({ districtId }) => districtId))].sort();
  }

  digest(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest> {
    return this.count(districtId, entityType, partition);
  }

  async #known(
    entityType: EntityType,
    partition: number,
    records: readonly RecordKey[],
  ): Promise<Map<string, KeptRecord>> {
    const keys = new Map(records.map((record) => [keyOf(record), record]));
    const found = await this.state.find(entityType, partition, [...keys.values()]);
    const known = [...keys.keys()].map((key, at) => [key, found[at]] as const);
    return new Map(known.flatMap(([key, record]) => (record === undefined ? [] : [[key, record]])));
  }

  async #hand(
    entityType: EntityType,
    { districtId, verb, event }: ChangeEntry,
    isKnown: boolean,
  ): Promise<void> {
    const handlers = this.handlers[entityType];
    if (handlers !== undefined) await hand(handlers, verb, event, { districtId, entityType, isKnown });
  }
}

/** A record's tombstone, between the changes. */
type Forgotten = Required<ForgottenRow>;

function inLogOrder({ changes, forgotten }: FoldedChanges): readonly (ChangeEntry | Forgotten)[] {
  const records = forgotten.filter((row): row is Forgotten => row.gg4lId !== undefined);
  if (records.length === 0) return changes;
  return [...changes, ...records].sort((a, b) => (a.offset < b.offset ? -1 : 1));
}

function keyOf({ districtId, gg4lId }: RecordKey): string {
  return `${districtId}/${gg4lId}`;
}

function toKey(entry: ChangeEntry | Forgotten): RecordKey {
  const { districtId } = entry;
  return { districtId, gg4lId: 'event' in entry ? entry.event.subject : entry.gg4lId };
}

function toKept(change: ChangeEntry): KeptRecord {
  const { offset, event, verb } = change;
  const { generation, fingerprint } = event;
  return { ...toKey(change), generation, offset, fingerprint, active: verb !== 'archived' };
}
