import type { EntityType } from '#contracts';
import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';

export interface WalkCaps {
  readonly maxPages: number;
  readonly maxRows: number;
}

/** Ends a walk that goes nowhere: a page seen before (the server ignores `offset`), or more than any district has. */
export class PageWatch {
  private pages = 0;
  private first: string | undefined;
  private last: string | undefined;

  constructor(
    private readonly type: EntityType,
    private readonly caps: WalkCaps,
  ) {}

  isRepeated(rows: readonly unknown[]): boolean {
    const edges = edgesOf(rows);
    return edges === this.last || edges === this.first;
  }

  /** Throws SchoolPassportError `repeated-page` or `cap`. */
  check(rows: readonly unknown[], offset: number, coordinates: RequestCoordinates): void {
    if (this.isRepeated(rows)) {
      const message = `${this.type} at offset ${offset} repeats an earlier page`;
      throw new SchoolPassportError('repeated-page', message, coordinates);
    }
    this.last = edgesOf(rows);
    this.first ??= this.last;
    this.pages += 1;
    const { maxPages, maxRows } = this.caps;
    if (this.pages > maxPages || offset + rows.length > maxRows) {
      const message = `${this.type} goes on beyond ${maxPages} pages or ${maxRows} rows`;
      throw new SchoolPassportError('cap', message, coordinates);
    }
  }
}

/** Two pages of one length with the same first and last record are the same page: ids are unique. */
function edgesOf(rows: readonly unknown[]): string {
  return `${rows.length}/${identityOf(rows[0])}/${identityOf(rows.at(-1))}`;
}

export function identityOf(row: unknown): string {
  const id = (row as { sourcedId?: unknown } | null)?.sourcedId;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : JSON.stringify(row);
}
