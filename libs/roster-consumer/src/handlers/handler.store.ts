/*
 * A copy that is whatever handlers make of the changes. The kit keeps of each id what was handed out last, and hands out
 * an event only if its generation is higher. What was handed out before a handler failed is kept, and not handed out
 * again; only what a dying process had no time to keep is.
 */
import type { EntityType } from '#contracts';
import type { ChangeEntry } from '../following/decode-entries.js';
import type { FoldedChanges } from '../following/fold-changes.js';
import type { FenceAt, OvertakenEvent, RosterStore, RowsDigest, Standing } from '../following/ports.js';
import { hand, type Handlers } from './handlers.js';
import type { ConsumerState, KeptRecord } from './state.js';

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
    { changes }: FoldedChanges,
    fences: readonly FenceAt[],
  ): Promise<number> {
    const known = await this.#known(entityType, partition, changes);
    const handed = new Map<string, KeptRecord>();
    let count = 0;
    try {
      for (const change of changes) {
        const key = keyOf(change);
        const before = handed.get(key) ?? known.get(key);
        if (before !== undefined && before.generation >= change.event.generation) continue;
        await this.#hand(entityType, change, before !== undefined);
        handed.set(key, toKept(change));
        count += 1;
      }
    } finally {
      if (handed.size > 0 || fences.length > 0) {
        await this.state.keep(entityType, partition, [...handed.values()], fences);
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
    changes: readonly ChangeEntry[],
  ): Promise<ReadonlyMap<string, KeptRecord>> {
    const keys = new Map(changes.map((change) => [keyOf(change), toKey(change)]));
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

function keyOf({ districtId, event }: ChangeEntry): string {
  return `${districtId}/${event.subject}`;
}

function toKey({ districtId, event }: ChangeEntry) {
  return { districtId, gg4lId: event.subject };
}

function toKept(change: ChangeEntry): KeptRecord {
  const { offset, event, verb } = change;
  const { generation, fingerprint } = event;
  return { ...toKey(change), generation, offset, fingerprint, active: verb !== 'archived' };
}
