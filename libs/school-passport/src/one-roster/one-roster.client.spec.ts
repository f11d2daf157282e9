import { afterEach, describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { FAST_RETRY, SourceServer, TOKEN_REPLY, type Asked, type Reply } from '../../test/source.server.js';
import type { DistrictSource } from '../discovery/district-source.js';
import { HttpClient } from '../http/http.client.js';
import type { CollectionPart } from './collection-walk.js';
import { OneRosterClient, type OneRosterSettings } from './one-roster.client.js';

let server: SourceServer;
const http = new HttpClient({ retry: FAST_RETRY });
/** What Discovery says when it is asked again. */
let found: DistrictSource | null;
let finds = 0;

afterEach(async () => {
  http.close();
  await server.close();
});

async function clientOf(
  answer: (asked: Asked) => Reply,
  settings: Partial<OneRosterSettings> = {},
  token: (asked: Asked) => Reply = () => TOKEN_REPLY,
): Promise<OneRosterClient> {
  server = await SourceServer.start((asked) => (asked.path === '/token' ? token(asked) : answer(asked)));
  found = server.district();
  finds = 0;
  const finder = {
    find: () => {
      finds += 1;
      return Promise.resolve(found);
    },
  };
  return new OneRosterClient(http, finder, settings);
}

async function read(client: OneRosterClient, type: EntityType = 'users'): Promise<CollectionPart[]> {
  const parts: CollectionPart[] = [];
  for await (const part of client.pages(server.district(), type)) parts.push(part);
  return parts;
}

const idsOf = (parts: readonly CollectionPart[]): unknown[] =>
  parts
    .flatMap((part) => (part.kind === 'page' ? part.rows : []))
    .map((row) => (row as { sourcedId: string }).sourcedId);

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `id-${n}`);

/** Pages as a server should, clamping `limit` to `most`. */
function paged(count: number, most: number, type: EntityType = 'users') {
  const rows = names(count).map((sourcedId) => ({ sourcedId }));
  return ({ query }: Asked): Reply => {
    const offset = Number(query.get('offset'));
    const limit = Math.min(most, Number(query.get('limit')));
    return {
      headers: { 'x-total-count': String(count) },
      body: { [type]: rows.slice(offset, offset + limit) },
    };
  };
}

const offsets = (): string[] =>
  server.asked.filter(({ path }) => path !== '/token').map(({ query }) => query.get('offset') ?? '');

describe('reading a collection', () => {
  it('goes on by rows received, not by limit asked, to its confirmed end', async () => {
    const client = await clientOf(paged(7, 3));
    const parts = await read(client);
    expect(idsOf(parts)).toEqual(names(7));
    expect(offsets()).toEqual(['0', '2', '4', '6']);
    expect(parts.at(-1)).toMatchObject({ kind: 'end', total: 7, offset: 7 });
    const [first] = server.asked.slice(1);
    expect(Object.fromEntries(first?.query ?? [])).toEqual({
      limit: '500',
      offset: '0',
      sort: 'sourcedId',
      orderBy: 'asc',
    });
    expect(first?.headers.authorization).toBe('Bearer the-token');
  });

  it('asks a server with a limit of its own for no more than that', async () => {
    const client = await clientOf(paged(1, 3));
    for await (const part of client.pages(server.district({ pageLimit: 40 }), 'users')) void part;
    expect(server.asked[1]?.query.get('limit')).toBe('40');
  });

  it('of nothing is an end and no page', async () => {
    expect(await read(await clientOf(paged(0, 3)))).toMatchObject([{ kind: 'end', total: 0, offset: 0 }]);
  });

  it('takes a 404 behind the first page for an end', async () => {
    const pages = paged(3, 3);
    const client = await clientOf((asked) =>
      Number(asked.query.get('offset')) < 3 ? { ...pages(asked), headers: {} } : { status: 404 },
    );
    expect((await read(client)).map(({ kind }) => kind)).toEqual(['page', 'end']);
    expect(offsets()).toEqual(['0', '2', '3']);
  });

  it('asks for the next page before the last one was worked on', async () => {
    const client = await clientOf(paged(4, 2));
    const parts = client.pages(server.district(), 'users');
    await parts.next();
    while (offsets().length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(offsets().slice(0, 2)).toEqual(['0', '1']);
    await parts.return(undefined);
  });

  it('drops the sort after a 400, and only before the first page', async () => {
    const pages = paged(3, 2);
    const client = await clientOf((asked) => (asked.query.has('sort') ? { status: 400 } : pages(asked)));
    expect(idsOf(await read(client))).toEqual(names(3));
    expect(server.asked.filter(({ query }) => query.has('sort'))).toHaveLength(1);
  });

  it('ends with an error after a 400 behind the first page: another order would skip records', async () => {
    const pages = paged(5, 2);
    const client = await clientOf((asked) =>
      asked.query.has('sort') && asked.query.get('offset') !== '0' ? { status: 400 } : pages(asked),
    );
    await expect(read(client)).rejects.toMatchObject({ code: 'status' });
    expect(server.asked.slice(1).every(({ query }) => query.has('sort'))).toBe(true);
  });

  it('asks for smaller pages when large ones fail, from the same offset', async () => {
    const pages = paged(400, 500);
    const client = await clientOf((asked) =>
      Number(asked.query.get('limit')) > 125 ? { status: 504 } : pages(asked),
    );
    expect(idsOf(await read(client))).toEqual(names(400));
    expect(server.asked.slice(1, 4).map(({ query }) => query.get('limit'))).toEqual(['500', '250', '125']);
    expect(offsets().slice(0, 4)).toEqual(['0', '0', '0', '124']);
  });

  it.each<[EntityType, number]>([
    ['demographics', 403],
    ['demographics', 404],
    ['classes', 404],
  ])('of %s that answers %d at once is not granted', async (type, status) => {
    expect(await read(await clientOf(() => ({ status })), type)).toEqual([{ kind: 'not-granted', status }]);
  });

  it.each<[EntityType, number, string]>([
    ['users', 403, 'forbidden'],
    ['classes', 403, 'forbidden'],
    ['users', 404, 'status'],
    ['orgs', 404, 'status'],
    ['users', 400, 'status'],
    ['users', 302, 'status'],
    ['users', 500, 'status'],
  ])('of %s that answers %d is an error', async (type, status, code) => {
    await expect(read(await clientOf(() => ({ status })), type)).rejects.toMatchObject({ code });
  });

  it('ends with an error when a page comes again', async () => {
    const client = await clientOf(() => ({ body: { users: [{ sourcedId: 'a' }, { sourcedId: 'b' }] } }));
    await expect(read(client)).rejects.toMatchObject({ code: 'repeated-page' });
  });

  it.each<Partial<OneRosterSettings>>([{ maxPages: 2 }, { maxRows: 5 }])(
    'ends beyond its caps (%j)',
    async (caps) => {
      const client = await clientOf(paged(9, 2), caps);
      await expect(read(client)).rejects.toMatchObject({ code: 'cap' });
    },
  );

  it('stops when told to', async () => {
    const stop = new AbortController();
    const client = await clientOf(paged(9, 2));
    const parts = client.pages(server.district(), 'users', stop.signal);
    await parts.next();
    stop.abort();
    await expect(async () => {
      for await (const part of parts) expect(part.kind).toBe('page');
    }).rejects.toMatchObject({ code: 'stopped' });
  });
});

describe('a 401', () => {
  const tokenNamed = ({ headers }: Asked): Reply => {
    const pair = Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString();
    return { body: { access_token: `of-${pair.split(':')[1]}-${server.asked.length}` } };
  };

  it('in mid-collection renews the token once and goes on', async () => {
    const pages = paged(4, 2);
    let refused = false;
    const client = await clientOf(
      (asked) => {
        if (asked.query.get('offset') !== '2' || refused) return pages(asked);
        refused = true;
        return { status: 401 };
      },
      {},
      tokenNamed,
    );
    expect(idsOf(await read(client))).toEqual(names(4));
    expect(finds).toBe(0);
  });

  it('after renewing reads Discovery once, and goes on with rotated credentials', async () => {
    const pages = paged(2, 2);
    const isNew = ({ headers }: Asked): boolean => headers.authorization?.includes('of-rotated') ?? false;
    const client = await clientOf((asked) => (isNew(asked) ? pages(asked) : { status: 401 }), {}, tokenNamed);
    found = server.district({ clientSecret: 'rotated' });
    expect(idsOf(await read(client))).toEqual(names(2));
    expect(finds).toBe(1);
  });

  it('that stays ends the pull after one look at Discovery', async () => {
    const client = await clientOf(() => ({ status: 401 }), {}, tokenNamed);
    await expect(read(client)).rejects.toMatchObject({ code: 'unauthorized', isPermanent: true });
    expect(finds).toBe(1);
  });

  it('of a district that is gone from Discovery ends the pull', async () => {
    const client = await clientOf(() => ({ status: 401 }));
    found = null;
    await expect(read(client)).rejects.toMatchObject({ code: 'unknown-district' });
  });

  it('of the token end is answered in the same way', async () => {
    const client = await clientOf(paged(1, 1), {}, () => ({ status: 401 }));
    await expect(read(client)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(finds).toBe(1);
  });
});

describe('one record', () => {
  it('is asked for by its id', async () => {
    const client = await clientOf(() => ({ body: { user: { sourcedId: 'a/b c' } } }));
    expect(await client.readOne(server.district(), 'users', 'a/b c')).toEqual({ sourcedId: 'a/b c' });
    expect(server.asked.at(-1)?.path).toMatch(/\/users\/a%2Fb%20c$/);
  });

  it('that is gone is null, and any other answer an error', async () => {
    const client = await clientOf(({ path }) => ({ status: path.endsWith('gone') ? 404 : 403 }));
    expect(await client.readOne(server.district(), 'users', 'gone')).toBeNull();
    await expect(client.readOne(server.district(), 'users', 'x')).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
