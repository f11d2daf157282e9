/*
 * Which watermarks are compared with the rows, and what a difference means. In a first read (it begins where a loop
 * starts or goes back to, and goes up to the log's end of that moment) only the last watermark of each district, at
 * its end, and only if no event of the district follows it: compaction may have taken what an earlier one counted.
 * Behind it every watermark, as soon as it is met. A difference is drift, and leads to a second read from the log's
 * start; what still differs after that has survived, which is said once per generation: reading never goes in circles.
 * Noting the same entries twice changes nothing, for a step that failed comes again.
 */
import type { Entry } from './decode-entries.js';
import type { RowsDigest } from './ports.js';
import type { WatermarkEntry } from './sort-entries.js';

/** `drifted`: a second read is due; `survived`: it has been; `known`: it has been said. */
export type Verdict = 'equal' | 'not comparable' | 'drifted' | 'survived' | 'known';

export class Comparisons {
  #readTo = 0n;
  readonly #last = new Map<string, WatermarkEntry>();
  /** Districts for whose drift this read is the second. */
  readonly #second = new Set<string>();
  /** District → generation whose drift was said to have survived. */
  readonly #survived = new Map<string, number>();

  /** A read that goes up to `end` before it compares. */
  beginRead(end: bigint): void {
    this.#readTo = end;
    this.#last.clear();
  }

  /** A first read from the log's start, the second of what these districts hold. */
  beginSecondRead(end: bigint, districtIds: readonly string[]): void {
    this.beginRead(end);
    this.#second.clear();
    for (const districtId of districtIds) this.#second.add(districtId);
  }

  isFirstRead(offset: bigint): boolean {
    return offset < this.#readTo;
  }

  /** In log order; `watermarks`: those of the entries that no fence took out of force. */
  note(entries: readonly Entry[], watermarks: readonly WatermarkEntry[]): void {
    const inForce = new Set<Entry>(watermarks);
    for (const entry of entries) {
      const changed = changedDistrict(entry);
      if (changed !== undefined) this.#last.delete(changed);
      else if (entry.kind === 'watermark' && inForce.has(entry)) this.#last.set(entry.districtId, entry);
    }
  }

  /** Those to compare now that everything below `next` is stored. */
  due(next: bigint): readonly WatermarkEntry[] {
    return this.isFirstRead(next) ? [] : [...this.#last.values()];
  }

  judge({ districtId, event }: WatermarkEntry, rows: RowsDigest): Verdict {
    if (rows.highestGeneration > event.generation) return 'not comparable';
    if (rows.active === event.data.active && rows.xor === event.data.xor) return 'equal';
    if ((this.#survived.get(districtId) ?? 0) >= event.generation) return 'known';
    return this.#second.has(districtId) ? 'survived' : 'drifted';
  }

  /** It is said that the drift these watermarks show has survived. */
  survived(watermarks: readonly WatermarkEntry[]): void {
    for (const { districtId, event } of watermarks) this.#survived.set(districtId, event.generation);
  }

  /** Nothing that is due below `next` has drifted anew. */
  settle(next: bigint): void {
    if (this.isFirstRead(next)) return;
    this.#last.clear();
    this.#second.clear();
  }
}

/** The district whose rows an entry changes: a tombstone, too, is no part of what a watermark before it counts. */
export function changedDistrict(entry: Entry): string | undefined {
  return entry.kind === 'change' || entry.kind === 'tombstone' ? entry.districtId : undefined;
}
