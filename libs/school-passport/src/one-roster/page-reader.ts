import type { EntityType } from '#contracts';
import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';
import { linkQuirks } from './link-header.js';
import type { PageAnswer } from './page-requests.js';
import type { Quirks } from './quirks.js';
import { readRows, readTotal } from './read-page.js';

export interface Page {
  readonly rows: readonly unknown[];
  readonly offset: number;
  /** The total the server claims, if it does. */
  readonly total: number | null;
  /** Rows asked for. */
  readonly limit: number;
  readonly coordinates: RequestCoordinates;
}

export interface Collection {
  readonly type: EntityType;
  /** Without query. */
  readonly url: string;
  readonly maxDepth: number;
}

/** Makes pages of answers, and notes what is odd about them. */
export class PageReader {
  private pages = 0;
  private withTotal = 0;

  constructor(
    private readonly collection: Collection,
    private readonly quirks: Quirks,
  ) {}

  /** A number: the first page's status says that the collection is not granted. Throws SchoolPassportError. */
  read(answer: PageAnswer, offset: number): Page | number {
    const { status, headers, limit, coordinates } = answer;
    if (offset === 0 && isNotGranted(this.collection.type, status)) return status;
    const total = readTotal(headers['x-total-count']);
    // A 404 behind the first page is an empty one.
    const isEnd = status === 404 && offset > 0;
    const rows = isEnd ? [] : this.rowsOf(answer);
    if (isEnd) this.quirks.add('end told by 404');
    else this.count(total);
    const end = offset + rows.length;
    const isLast = rows.length === 0 || end === total;
    const { url } = this.collection;
    for (const quirk of linkQuirks(headers['link'], { url, end, isLast })) this.quirks.add(quirk);
    return { rows, offset, total, limit, coordinates };
  }

  private rowsOf(answer: PageAnswer): readonly unknown[] {
    if (answer.status !== 200) throw refusal(answer);
    const { type, maxDepth } = this.collection;
    return readRows(type, answer.body, answer.coordinates, { maxDepth, quirks: this.quirks });
  }

  private count(total: number | null): void {
    this.pages += 1;
    if (total !== null) this.withTotal += 1;
    this.quirks.delete('no totals');
    if (this.withTotal === 0) this.quirks.add('no totals');
    else if (this.withTotal < this.pages) this.quirks.add('totals on some pages only');
  }
}

export function refusal({
  status,
  coordinates,
}: Pick<PageAnswer, 'status' | 'coordinates'>): SchoolPassportError {
  return status === 403
    ? new SchoolPassportError('forbidden', 'the source forbids the collection', coordinates)
    : new SchoolPassportError('status', 'the source does not answer as asked', coordinates);
}

function isNotGranted(type: EntityType, status: number): boolean {
  if (status === 403) return type === 'demographics';
  return status === 404 && type !== 'orgs' && type !== 'users';
}
