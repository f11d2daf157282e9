import type { Boundaries, CollectionPart } from '#school-passport';

type CollectionEnd = Extract<CollectionPart, { readonly kind: 'end' }>;

/** Totals a server claimed while a collection was read. */
export interface ClaimedTotals {
  readonly least: number;
  readonly most: number;
  /** Whether every page had one. */
  readonly isComplete: boolean;
}

export const NO_BOUNDARIES: Boundaries = { matched: 0, mismatched: 0, unchecked: 0 };

/** What reading a collection once more found. */
export interface SecondLook {
  readonly rows: number;
  /** Of them active records whose id the first reading had not. */
  readonly missing: number;
}

/** What reading one collection found; the proof is judged from these. */
export interface CollectionFacts {
  readonly granted: boolean;
  readonly rows: number;
  readonly distinct: number;
  readonly unreadable: number;
  readonly quarantined: number;
  /** Left out, but for rows and distinct. */
  readonly erased: number;
  readonly repeatedSame: number;
  readonly repeatedDifferent: number;
  readonly endConfirmed: boolean;
  readonly totals: ClaimedTotals | null;
  readonly boundaries: Boundaries;
  /** Records that refer to others, and those of them that point outside this snapshot. */
  readonly checked: number;
  readonly outside: number;
  /** GG4L ID of a record that is there. */
  readonly known: string | null;
  /** Where one was taken. */
  readonly secondLook: SecondLook | undefined;
}

export class CollectionTally {
  rows = 0;
  distinct = 0;
  unreadable = 0;
  quarantined = 0;
  erased = 0;
  checked = 0;
  outside = 0;
  known: string | null = null;
  private repeatedSame = 0;
  private repeatedDifferent = 0;
  private pages = 0;
  private pagesWithTotal = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = 0;
  private endConfirmed = false;
  private boundaries = NO_BOUNDARIES;

  repeat(met: 'same' | 'different'): void {
    if (met === 'same') this.repeatedSame += 1;
    else this.repeatedDifferent += 1;
  }

  page(total: number | null): void {
    this.pages += 1;
    if (total === null) return;
    this.pagesWithTotal += 1;
    this.claim(total);
  }

  end({ total, boundaries }: CollectionEnd): void {
    this.endConfirmed = true;
    this.boundaries = boundaries;
    // Some servers count only what follows the offset: a zero behind the last row says nothing.
    if (total !== null && (total > 0 || this.pages === 0)) this.claim(total);
  }

  notGranted(): CollectionFacts {
    return { ...this.facts(), granted: false };
  }

  facts(): CollectionFacts {
    const { least, most, pages, pagesWithTotal } = this;
    return {
      granted: true,
      rows: this.rows,
      distinct: this.distinct,
      unreadable: this.unreadable,
      quarantined: this.quarantined,
      erased: this.erased,
      repeatedSame: this.repeatedSame,
      repeatedDifferent: this.repeatedDifferent,
      checked: this.checked,
      outside: this.outside,
      endConfirmed: this.endConfirmed,
      totals: least > most ? null : { least, most, isComplete: pagesWithTotal === pages },
      boundaries: this.boundaries,
      known: this.known,
      secondLook: undefined,
    };
  }

  private claim(total: number): void {
    this.least = Math.min(this.least, total);
    this.most = Math.max(this.most, total);
  }
}
