import type { EntityType } from '#contracts';
import type { ServedDistrict } from '../discovery/district-source.js';
import type { HttpClient } from '../http/http.client.js';
import { CollectionWalk, type CollectionPart } from './collection-walk.js';
import { DistrictAccess, type DistrictFinder } from './district-access.js';
import { refusal } from './page-reader.js';
import { PageRequests } from './page-requests.js';
import type { WalkCaps } from './page-watch.js';
import type { Quirks } from './quirks.js';
import { readSingle } from './read-page.js';

export interface OneRosterSettings extends WalkCaps {
  /** Rows asked for; the server may give fewer. School Passport's maximum is 500. */
  readonly pageLimit: number;
  /** Of objects and lists in an answer. */
  readonly maxDepth: number;
}

interface Opened {
  readonly access: DistrictAccess;
  readonly http: HttpClient;
}

/** Pages under way or waiting to be read, for each request that may be sent at once: answers come out of order. */
const AHEAD_PER_REQUEST = 2;

export const DEFAULT_ONE_ROSTER: OneRosterSettings = {
  pageLimit: 500,
  maxPages: 200_000,
  maxRows: 20_000_000,
  maxDepth: 64,
};

/** Reads collections of districts; each district with a credential's own lane and tokens. */
export class OneRosterClient {
  private readonly settings: OneRosterSettings;
  private readonly opened = new Map<string, Opened>();

  constructor(
    private readonly http: HttpClient,
    private readonly finder: DistrictFinder,
    settings: Partial<OneRosterSettings> = {},
  ) {
    this.settings = { ...DEFAULT_ONE_ROSTER, ...settings };
  }

  /**
   * A whole collection: its pages and their end, or that it is not granted. Throws SchoolPassportError. However it ends,
   * `noticed` has then gained what the server needed.
   */
  async *pages(
    source: ServedDistrict,
    type: EntityType,
    signal?: AbortSignal,
    noticed: Quirks = new Set(),
  ): AsyncGenerator<CollectionPart> {
    const quirks: Quirks = new Set();
    const walk = this.walk(source, type, quirks);
    const onAbort = (): void => walk.stop();
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) walk.stop();
    try {
      yield* walk.parts();
    } finally {
      signal?.removeEventListener('abort', onAbort);
      walk.stop(); // whoever leaves early also ends the pages read ahead
      for (const quirk of quirks) noticed.add(quirk);
    }
  }

  /** One record as the source has it now; `null`: it says 404. Throws SchoolPassportError. */
  async readOne(
    source: ServedDistrict,
    type: EntityType,
    gg4lId: string,
    signal?: AbortSignal,
  ): Promise<unknown> {
    const target = { path: `/${type}/${encodeURIComponent(gg4lId)}`, query: {} };
    const answer = await this.open(source).access.get(() => target, signal);
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw refusal(answer);
    return readSingle(type, answer.body, answer.coordinates) ?? null;
  }

  private walk(source: ServedDistrict, type: EntityType, quirks: Quirks): CollectionWalk {
    const { access, http } = this.open(source);
    const { pageLimit, maxDepth } = this.settings;
    const requests = new PageRequests(access, type, source.pageLimit ?? pageLimit, quirks);
    const collection = { type, url: `${source.oneRosterUrl}/${type}`, maxDepth };
    const mostAhead = (): number => http.concurrency * AHEAD_PER_REQUEST;
    return new CollectionWalk(collection, this.settings, requests, quirks, mostAhead);
  }

  /** Tokens outlive a collection; rotated credentials replace them. */
  private open(source: ServedDistrict): Opened {
    const known = this.opened.get(source.districtId);
    if (known?.access.isFor(source)) return known;
    const http = this.http.forCredential();
    const opened = { access: new DistrictAccess(source, http, this.finder), http };
    this.opened.set(source.districtId, opened);
    return opened;
  }
}
