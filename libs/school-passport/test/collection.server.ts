import type { EntityType } from '#contracts';
import type { DistrictSource } from '../src/discovery/district-source.js';
import { HttpClient, type HttpSettings } from '../src/http/http.client.js';
import type { CollectionPart } from '../src/one-roster/collection-walk.js';
import { OneRosterClient, type OneRosterSettings } from '../src/one-roster/one-roster.client.js';
import type { Quirks } from '../src/one-roster/quirks.js';
import { FAST_RETRY, SourceServer, TOKEN_REPLY, type Asked, type Reply } from './source.server.js';

export type CollectionEnd = Extract<CollectionPart, { readonly kind: 'end' }>;

/** A source of which a spec decides how it pages, and a client that reads it. */
export class CollectionServer {
  /** What was noticed while it was read. */
  readonly quirks: Quirks = new Set();

  private constructor(
    readonly server: SourceServer,
    readonly client: OneRosterClient,
    private readonly http: HttpClient,
  ) {}

  static async start(
    answer: (asked: Asked) => Reply,
    settings: Partial<OneRosterSettings & HttpSettings> = {},
  ): Promise<CollectionServer> {
    const server = await SourceServer.start((asked) =>
      asked.path === '/token' ? TOKEN_REPLY : answer(asked),
    );
    const http = new HttpClient({ retry: FAST_RETRY, ...settings });
    const finder = { find: (): Promise<DistrictSource> => Promise.resolve(server.district()) };
    return new CollectionServer(server, new OneRosterClient(http, finder, settings), http);
  }

  async close(): Promise<void> {
    this.http.close();
    await this.server.close();
  }

  async read(type: EntityType = 'users'): Promise<readonly CollectionPart[]> {
    const parts: CollectionPart[] = [];
    const pages = this.client.pages(this.server.district(), type, undefined, this.quirks);
    for await (const part of pages) parts.push(part);
    return parts;
  }

  /** Offsets in the order they were asked for. */
  get offsets(): readonly number[] {
    return this.pagesAsked.map(({ query }) => Number(query.get('offset')));
  }

  get limits(): readonly number[] {
    return this.pagesAsked.map(({ query }) => Number(query.get('limit')));
  }

  private get pagesAsked(): readonly Asked[] {
    return this.server.asked.filter(({ path }) => path !== '/token');
  }
}

export function idsOf(parts: readonly CollectionPart[]): readonly unknown[] {
  return parts
    .flatMap((part) => (part.kind === 'page' ? part.rows : []))
    .map((row) => (row as { sourcedId: unknown }).sourcedId);
}

export function endOf(parts: readonly CollectionPart[]): CollectionEnd {
  const part = parts.at(-1);
  if (part?.kind !== 'end') throw new Error('it has no end');
  return part;
}

export const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `id-${n}`);
export const rowsOf = (ids: readonly string[]): object[] => ids.map((sourcedId) => ({ sourcedId }));

export interface Ask {
  readonly offset: number;
  readonly limit: number;
}

export function askOf({ query }: Asked): Ask {
  return { offset: Number(query.get('offset')), limit: Number(query.get('limit')) };
}

/** Pages as a server should, but for what a spec changes: the most rows a page, and whether totals are sent. */
export function paged(
  ids: readonly string[],
  { most = 500, total = ids.length }: { readonly most?: number; readonly total?: number | null } = {},
): (asked: Asked) => Reply {
  return (asked) => {
    const { offset, limit } = askOf(asked);
    const users = rowsOf(ids.slice(offset, offset + Math.min(most, limit)));
    const headers: Record<string, string> = total === null ? {} : { 'x-total-count': String(total) };
    return { headers, body: { users } };
  };
}
