/*
 * Pages a collection as servers really answer: advances by rows received, ends only at an empty page (or a 404 behind
 * the first), and reads one page ahead, so that the network and the reader's work overlap. Whatever cannot be trusted
 * ends the walk with an error; nothing is ever read as an empty collection that was not one.
 */
import type { EntityType } from '#contracts';
import type { DistrictSource } from '../discovery/district-source.js';
import type { HttpAnswer, HttpClient } from '../http/http.client.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import { DistrictAccess, type DistrictFinder } from './district-access.js';
import { PageRequests } from './page-requests.js';
import { readRows, readSingle, readTotal } from './read-page.js';
import { PageWatch } from './page-watch.js';

export interface OneRosterSettings {
  /** Rows asked for; the server may give fewer. School Passport's maximum is 500. */
  readonly pageLimit: number;
  readonly maxPages: number;
  readonly maxRows: number;
}

export const DEFAULT_ONE_ROSTER: OneRosterSettings = {
  pageLimit: 500,
  maxPages: 200_000,
  maxRows: 20_000_000,
};

export type CollectionPart =
  | {
      readonly kind: 'page';
      readonly rows: readonly unknown[];
      /** The total the server claims, if it does. */
      readonly total: number | null;
      readonly offset: number;
    }
  /** An empty answer behind everything read: the confirmed end. */
  | { readonly kind: 'end'; readonly total: number | null; readonly offset: number }
  /** The first page said 403 (demographics only) or 404 (not orgs, not users). */
  | { readonly kind: 'not-granted'; readonly status: number };

export class OneRosterClient {
  private readonly settings: OneRosterSettings;
  private readonly opened = new Map<string, DistrictAccess>();

  constructor(
    private readonly http: HttpClient,
    private readonly finder: DistrictFinder,
    settings: Partial<OneRosterSettings> = {},
  ) {
    this.settings = { ...DEFAULT_ONE_ROSTER, ...settings };
  }

  /** A whole collection: its pages and their end, or that it is not granted. Throws SchoolPassportError. */
  async *pages(
    source: DistrictSource,
    type: EntityType,
    signal?: AbortSignal,
  ): AsyncGenerator<CollectionPart> {
    const stop = new AbortController();
    const onAbort = (): void => stop.abort();
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) stop.abort();
    try {
      yield* this.walk(
        new PageRequests(this.access(source), type, this.settings.pageLimit, stop.signal),
        type,
      );
    } finally {
      signal?.removeEventListener('abort', onAbort);
      stop.abort(); // whoever leaves early also ends the page read ahead
    }
  }

  /** One record as the source has it now; `null`: it says 404. Throws SchoolPassportError. */
  async readOne(
    source: DistrictSource,
    type: EntityType,
    gg4lId: string,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const target = { path: `/${type}/${encodeURIComponent(gg4lId)}`, query: {} };
    const answer = await this.access(source).get(() => target, signal);
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw refusal(answer);
    return readSingle(type, answer.body, answer.coordinates) ?? null;
  }

  private async *walk(requests: PageRequests, type: EntityType): AsyncGenerator<CollectionPart> {
    const watch = new PageWatch(type, this.settings);
    let offset = 0;
    let ahead = requests.page(offset);
    for (;;) {
      const answer = await ahead;
      if (offset === 0 && isNotGranted(type, answer.status)) {
        yield { kind: 'not-granted', status: answer.status };
        return;
      }
      const rows = answer.status === 404 && offset > 0 ? [] : rowsOf(type, answer);
      const total = readTotal(answer.headers['x-total-count']);
      if (rows.length === 0) {
        yield { kind: 'end', total, offset };
        return;
      }
      watch.check(rows, offset, answer.coordinates);
      const page = { kind: 'page', rows, total, offset } as const;
      offset += rows.length;
      ahead = requests.page(offset);
      ahead.catch(() => undefined); // told where it is awaited
      yield page;
    }
  }

  /** Tokens outlive a collection; rotated credentials replace them. */
  private access(source: DistrictSource): DistrictAccess {
    const known = this.opened.get(source.districtId);
    if (known?.isFor(source)) return known;
    const access = new DistrictAccess(source, this.http, this.finder);
    this.opened.set(source.districtId, access);
    return access;
  }
}

function isNotGranted(type: EntityType, status: number): boolean {
  if (status === 403) return type === 'demographics';
  return status === 404 && type !== 'orgs' && type !== 'users';
}

function rowsOf(type: EntityType, answer: HttpAnswer): readonly unknown[] {
  if (answer.status !== 200) throw refusal(answer);
  return readRows(type, answer.body, answer.coordinates);
}

function refusal({ status, coordinates }: HttpAnswer): SchoolPassportError {
  return status === 403
    ? new SchoolPassportError('forbidden', 'the source forbids the collection', coordinates)
    : new SchoolPassportError('status', 'the source does not answer as asked', coordinates);
}
