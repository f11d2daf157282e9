import type { ChangeEntry, Entry } from './decode-entries.js';
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
  /** Changes that a fence took out of force. */
  readonly fenced: readonly ChangeEntry[];
  readonly watermarks: readonly WatermarkEntry[];
  readonly unusable: readonly Unusable[];
  /** Fences that the line did not have. */
  readonly newFences: readonly FenceAt[];
  /** With the new ones. */
  readonly fences: FenceLine;
}

/** A fenced watermark says nothing, and a tombstone (the end of a retention) changes no row: rows are never removed. */
export function sortEntries(entries: readonly Entry[], known: FenceLine): SortedEntries {
  const changes: ChangeEntry[] = [];
  const fenced: ChangeEntry[] = [];
  const watermarks: WatermarkEntry[] = [];
  const unusable: Unusable[] = [];
  const newFences: FenceAt[] = [];
  let fences = known;
  for (const entry of entries) {
    switch (entry.kind) {
      case 'change':
        (fences.isFenced(entry.offset, entry.event.epoch) ? fenced : changes).push(entry);
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
      case 'tombstone':
        break;
    }
  }
  return { changes, fenced, watermarks, unusable, newFences, fences };
}
