/** Where a walk stands, and where its next pages begin. Pure. */
import type { Page } from './page-reader.js';
import { identityOf } from './page-watch.js';

export class Course {
  /** Rows behind us, as the server counts them. */
  position = 0;
  /** Each page begins at the last row of the one before. */
  overlaps = true;
  private lastId: string | undefined;
  private stride = 0;
  /** Pages come as long as the first; only then is it known where later ones will begin. */
  private isSteady = true;

  isAtLastRow(row: unknown): boolean {
    return identityOf(row) === this.lastId;
  }

  /** Where the next page begins. */
  get next(): number {
    return this.overlaps ? this.position - 1 : this.position;
  }

  passed({ rows, offset, limit, total }: Page): void {
    const end = offset + rows.length;
    if (this.stride === 0) this.stride = rows.length;
    // One row a page leaves none to go on by.
    if (this.stride === 1 && end !== total) this.overlaps = false;
    if (rows.length !== Math.min(this.stride, limit) && end !== total) this.isSteady = false;
    this.position = end;
    this.lastId = identityOf(rows.at(-1));
  }

  /** Where the next pages begin if the server goes on as it did; at least the next one, at most so many. */
  ahead(limit: number, total: number | null, most: number): readonly number[] {
    const { next, overlaps } = this;
    const offsets = [next];
    if (total === null || !this.isSteady) return offsets;
    const step = Math.min(this.stride, limit) - (overlaps ? 1 : 0);
    // The last one confirms the end.
    const last = overlaps ? total - 1 : total;
    for (let offset = next; step > 0 && offset < last && offsets.length < most;) {
      offset = Math.min(offset + step, last);
      offsets.push(offset);
    }
    return offsets;
  }
}
