import type { ChangeEntry, Entry, TombstoneEntry } from './decode-entries.js';
import type { FenceLine } from './fence-line.js';
import type { FenceAt } from './ports.js';

export type WatermarkEntry = Extract<Entry, { kind: 'watermark' }>;

/** Something that makes no row, and why. */
export interface Unusable {
  readonly offset: bigint;
  readonly reason: string;
  readonly value: Buffer;
}

/** Entries of a step by what is to be done with them, each in log order. */
export interface SortedEntries {
  readonly changes: readonly ChangeEntry[];
  /** The changes, and the tombstones between them. */
  readonly toStore: readonly (ChangeEntry | TombstoneEntry)[];
  /** Changes that a fence took out of force. */
  readonly fenced: readonly ChangeEntry[];
  readonly watermarks: readonly WatermarkEntry[];
  readonly unusable: readonly Unusable[];
  /** How many are of a type that came later. */
  readonly unknown: number;
  /** Fences that the line did not have. */
  readonly newFences: readonly FenceAt[];
  /** With the new ones. */
  readonly fences: FenceLine;
}

/** A fenced watermark says nothing, and neither does one behind which the district's was removed. */
export function sortEntries(entries: readonly Entry[], known: FenceLine): SortedEntries {
  const changes: ChangeEntry[] = [];
  const toStore: (ChangeEntry | TombstoneEntry)[] = [];
  const fenced: ChangeEntry[] = [];
  let watermarks: WatermarkEntry[] = [];
  const unusable: Unusable[] = [];
  let unknown = 0;
  const newFences: FenceAt[] = [];
  let fences = known;
  for (const entry of entries) {
    switch (entry.kind) {
      case 'change':
        if (fences.isFenced(entry.offset, entry.event.epoch)) {
          fenced.push(entry);
        } else {
          changes.push(entry);
          toStore.push(entry);
        }
        break;
      case 'watermark':
        if (!fences.isFenced(entry.offset, entry.event.epoch)) watermarks.push(entry);
        break;
      case 'fence': {
        const fence = { epoch: entry.event.epoch, offset: entry.offset };
        const longer = fences.with(fence);
        if (longer !== fences) newFences.push(fence);
        fences = longer;
        break;
      }
      case 'malformed':
        unusable.push(entry);
        break;
      case 'unknown':
        unknown += 1;
        break;
      case 'tombstone':
        if (entry.districtId === undefined) break;
        toStore.push(entry);
        if (entry.gg4lId === undefined)
          watermarks = watermarks.filter(({ districtId }) => districtId !== entry.districtId);
        break;
    }
  }
  return { changes, toStore, fenced, watermarks, unusable, unknown, newFences, fences };
}
