/*
 * Stores the changes of a step. A row that the store refuses is found by halving, in log order, so that a refused
 * change never takes another of its id with it; every other error leaves this step, and the same messages come again.
 */
import type { ChangeEntry, TombstoneEntry } from './decode-entries.js';
import { foldChanges } from './fold-changes.js';
import { RefusedRowsError, type FenceAt, type Place, type RosterStore, type Turn } from './ports.js';
import type { Unusable } from './sort-entries.js';

export interface Stored {
  readonly written: number;
  readonly refused: readonly Unusable[];
}

/** The fences are kept in the transaction of the first rows: a repeat of the step meets them again in the log. */
export async function storeChanges(
  store: RosterStore,
  place: Place,
  changes: readonly (ChangeEntry | TombstoneEntry)[],
  fences: readonly FenceAt[],
  turn: Turn,
): Promise<Stored> {
  if (changes.length === 0 && fences.length === 0) return { written: 0, refused: [] };
  const { entityType, partition } = place;
  try {
    const written = await store.write(entityType, partition, foldChanges(changes), fences, turn);
    return { written, refused: [] };
  } catch (error) {
    if (!(error instanceof RefusedRowsError)) throw error;
    const [only] = changes;
    if (only === undefined) throw error;
    if (changes.length === 1) {
      if (only.kind === 'tombstone') throw error;
      await storeChanges(store, place, [], fences, turn);
      return { written: 0, refused: [{ offset: only.offset, reason: error.message, value: only.value }] };
    }
    const middle = Math.ceil(changes.length / 2);
    const first = await storeChanges(store, place, changes.slice(0, middle), fences, turn);
    const second = await storeChanges(store, place, changes.slice(middle), [], turn);
    return { written: first.written + second.written, refused: [...first.refused, ...second.refused] };
  }
}
