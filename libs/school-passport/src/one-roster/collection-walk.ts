/*
 * Pages a collection as servers really answer: advances by rows received, and begins each page at the last row of the
 * one before, so that a row that went from before the cursor cannot make one behind it be skipped unseen. It ends at a
 * page that holds nothing new, confirmed by the total or by an empty one. While a server tells totals and gives pages of
 * one length, several are under way at once; anything else it does is followed one page at a time.
 */
import { SchoolPassportError } from '../school-passport.errors.js';
import { Course } from './course.js';
import { PageReader, type Collection, type Page } from './page-reader.js';
import type { PageRequests } from './page-requests.js';
import { identityOf, PageWatch, type WalkCaps } from './page-watch.js';
import { PagesAhead } from './pages-ahead.js';
import type { Quirks } from './quirks.js';

/** Places where a page follows another. */
export interface Boundaries {
  /** The page began at the last row of the one before, or it did not. */
  readonly matched: number;
  readonly mismatched: number;
  /** Not overlapped: the server cannot. The end is one too, where no total says that nothing is behind it. */
  readonly unchecked: number;
}

export type CollectionPart =
  | {
      readonly kind: 'page';
      readonly rows: readonly unknown[];
      /** The total the server claims, if it does. */
      readonly total: number | null;
      readonly offset: number;
    }
  /** Nothing is behind what was read: the confirmed end. */
  | {
      readonly kind: 'end';
      readonly total: number | null;
      readonly offset: number;
      readonly boundaries: Boundaries;
    }
  /** The first page said 403 (demographics only) or 404 (not orgs, not users). */
  | { readonly kind: 'not-granted'; readonly status: number };

export class CollectionWalk {
  private readonly watch: PageWatch;
  private readonly ahead: PagesAhead;
  private readonly reader: PageReader;
  private readonly course = new Course();
  private readonly boundaries = { matched: 0, mismatched: 0, unchecked: 0 };
  private total: number | null = null;
  /** Of the first page, until the first boundary is passed. */
  private firstIds: ReadonlySet<string> | undefined;
  private lastPage: Page | undefined;

  constructor(
    private readonly collection: Collection,
    caps: WalkCaps,
    private readonly requests: PageRequests,
    private readonly quirks: Quirks,
    /** Pages that may be under way at once, as of now. */
    private readonly mostAhead: () => number,
  ) {
    this.watch = new PageWatch(collection.type, caps);
    this.ahead = new PagesAhead((offset, signal) => requests.page(offset, signal));
    this.reader = new PageReader(collection, quirks);
  }

  /** Also ends the pages under way. */
  stop(): void {
    this.ahead.close();
  }

  async *parts(): AsyncGenerator<CollectionPart> {
    let part = await this.first();
    for (;;) {
      // Asked for before this one is worked on.
      if (part.kind === 'page') this.lookAhead();
      yield part;
      if (part.kind !== 'page') return;
      part = await (this.course.overlaps ? this.overlapped() : this.following());
    }
  }

  private lookAhead(): void {
    this.ahead.fill(this.course.ahead(this.requests.limit, this.total, this.mostAhead()));
  }

  private async first(): Promise<CollectionPart> {
    const page = this.reader.read(await this.ahead.take(0), 0);
    if (typeof page === 'number') return { kind: 'not-granted', status: page };
    if (page.rows.length === 0) return this.end(page.total);
    this.firstIds = new Set(page.rows.map(identityOf));
    return this.take(page, page.rows);
  }

  /** The page that begins at the last row of the one before. */
  private async overlapped(): Promise<CollectionPart> {
    const page = await this.page(this.course.next);
    const { rows, total } = page;
    if (rows.length === 1 && this.course.isAtLastRow(rows[0])) {
      this.boundaries.matched += 1;
      return total === this.course.position ? this.end(total) : this.following();
    }
    if (this.boundaries.matched === 0 && this.watch.isRepeated(rows)) return this.withoutOverlap();
    const isMatched = this.course.isAtLastRow(rows[0]);
    if (isMatched) this.boundaries.matched += 1;
    else await this.moved();
    if (rows.length === 0) return this.following();
    return this.take(page, isMatched ? rows.slice(1) : rows);
  }

  /** The page behind the last row; where that is empty and neither overlap nor total says so too, it is asked again. */
  private async following(): Promise<CollectionPart> {
    const { overlaps, position } = this.course;
    let page = await this.page(position);
    const isEnd = overlaps || page.total === position;
    if (page.rows.length === 0 && !isEnd) page = await this.page(position);
    const { rows, total } = page;
    const isChecked = rows.length === 0 && (overlaps || (total === position && this.total === position));
    // An end too: where rows went from before it, all that were left may have moved there.
    if (!isChecked) this.boundaries.unchecked += 1;
    return rows.length === 0 ? this.end(total) : this.take(page, rows);
  }

  /** Some servers round offsets to whole pages: what they give then is one that is known. */
  private withoutOverlap(): Promise<CollectionPart> {
    this.course.overlaps = false;
    this.quirks.add('no overlap');
    return this.following();
  }

  /** The last row is not where it was: rows came or went, or the server counts something else than rows. */
  private async moved(): Promise<void> {
    this.boundaries.mismatched += 1;
    const known = this.firstIds;
    if (known === undefined || known.size < 2) return;
    const { rows, coordinates } = await this.page(1);
    if (rows.length > 0 && known.has(identityOf(rows[0]))) return;
    const { type } = this.collection;
    throw new SchoolPassportError('counts-pages', `${type}: offset 1 is not the second row`, coordinates);
  }

  private async page(offset: number): Promise<Page> {
    const page = this.reader.read(await this.ahead.take(offset), offset);
    // Offset 0 is asked for again where the first page had one row.
    if (typeof page === 'number') throw new SchoolPassportError('status', 'the collection is gone');
    return page;
  }

  private take(page: Page, fresh: readonly unknown[]): CollectionPart {
    this.watch.check(page.rows, page.offset, page.coordinates);
    this.noteLength(page);
    this.course.passed(page);
    if (this.lastPage !== undefined) this.firstIds = undefined;
    this.lastPage = page;
    this.total = page.total;
    return { kind: 'page', rows: fresh, total: page.total, offset: this.course.position - fresh.length };
  }

  /** A page that was shorter than asked, and not the last. */
  private noteLength({ rows }: Page): void {
    const before = this.lastPage;
    if (before === undefined || before.rows.length >= before.limit) return;
    this.quirks.add(before.rows.length >= rows.length ? 'limit clamped' : 'short pages');
  }

  private end(total: number | null): CollectionPart {
    const { boundaries, course } = this;
    return { kind: 'end', total, offset: course.position, boundaries: { ...boundaries } };
  }
}
