/*
 * A copy that is whatever handlers make of the changes. The kit keeps of each id what was handed out last, and hands out
 * an event only if its generation is higher. What was handed out before a handler failed is kept, and not handed out
 * again; only what a dying process had no time to keep is. Handlers may be slow: between their calls, about every
 * second, what they did is kept, a heartbeat is sent, and a turn that is over is left.
 */
import type { EntityType } from '#contracts';
import type { ChangeEntry } from '../following/decode-entries.js';
import type { FoldedChanges, ForgottenRow } from '../following/fold-changes.js';
import {
  TurnOverError,
  type FenceAt,
  type OvertakenEvent,
  type RosterStore,
  type RowsDigest,
  type Standing,
  type Turn,
} from '../following/ports.js';
import { hand, type Handlers } from './handlers.js';
import type { ConsumerState, KeptRecord, RecordKey } from './state.js';
import { Unkept } from './unkept.js';

/** Far below the session time-out, and seldom enough for a state that syncs a file. */
const PAUSE_EVERY_MS = 1_000;

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
    private readonly now: () => number = () => Date.now(),
  ) {}

  standing(entityType: EntityType, partition: number): Promise<Standing> {
    return this.state.standing(entityType, partition);
  }

  async write(
    entityType: EntityType,
    partition: number,
    folded: FoldedChanges,
    fences: readonly FenceAt[],
    turn?: Turn,
  ): Promise<number> {
    const entries = inLogOrder(folded);
    const known = await this.#known(entityType, partition, entries.map(toKey));
    const unkept = new Unkept(fences, (...what) => this.state.keep(entityType, partition, ...what));
    let count = 0;
    let pausedAt = this.now();
    try {
      for (const entry of entries) {
        if (turn !== undefined && this.now() - pausedAt >= PAUSE_EVERY_MS) {
          await pause(turn, unkept);
          pausedAt = this.now();
        }
        const key = keyOf(toKey(entry));
        const before = known.get(key);
        if (!('event' in entry)) {
          if (before !== undefined && before.offset > entry.offset) continue;
          await this.handlers[entityType]?.forgotten?.({ entityType, ...toKey(entry) });
          known.delete(key);
          unkept.forget(key, toKey(entry));
          continue;
        }
        if (before !== undefined && before.generation >= entry.event.generation) continue;
        await this.#hand(entityType, entry, before !== undefined);
        known.set(key, toKept(entry));
        unkept.put(key, toKept(entry));
        count += 1;
      }
    } finally {
      await unkept.keep();
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

async function pause(turn: Turn, unkept: Unkept): Promise<void> {
  await unkept.keep();
  if (!turn.isLive()) throw new TurnOverError('the turn was over before all of its changes were handed out');
  await turn.heartbeat();
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
