import { afterEach, describe, expect, it } from '@jest/globals';
import { verifyOauth1 } from '../../test/oauth1-check.js';
import { FAST_RETRY, SourceServer, TOKEN_REPLY, type Asked, type Reply } from '../../test/source.server.js';
import type { Auth, DistrictSource } from '../discovery/district-source.js';
import { HttpClient } from '../http/http.client.js';
import { DistrictAccess } from './district-access.js';
import type { Quirks } from './quirks.js';

let server: SourceServer;
const http = new HttpClient({ retry: FAST_RETRY });
/** What Discovery, or the districts file, says when it is read again. */
let found: DistrictSource | null;
let finds = 0;

afterEach(async () => {
  http.close();
  await server.close();
});

async function accessOf(auth: Auth, answer: (asked: Asked) => Reply): Promise<DistrictAccess> {
  server = await SourceServer.start((asked) => (asked.path === '/token' ? TOKEN_REPLY : answer(asked)));
  found = server.district({ auth });
  finds = 0;
  const find = (): Promise<DistrictSource | null> => {
    finds += 1;
    return Promise.resolve(found);
  };
  return new DistrictAccess(server.district({ auth }), http, { find });
}

const get = (access: DistrictAccess) =>
  access.get(() => ({ path: '/users', query: { limit: '5', filter: "a='(b)*!'" } }));
const bearer: Auth = { kind: 'bearer', token: 'static' };
const oauth1: Auth = { kind: 'oauth1', clientId: 'key', clientSecret: 'hush', signature: 'HMAC-SHA256' };
const unless =
  (isGood: (asked: Asked) => boolean) =>
  (asked: Asked): Reply =>
    isGood(asked) ? { body: { users: [] } } : { status: 401 };

describe('a server that wants', () => {
  it('a static bearer token gets it', async () => {
    const access = await accessOf(
      bearer,
      unless(({ headers }) => headers.authorization === 'Bearer static'),
    );
    expect((await get(access)).status).toBe(200);
    expect(server.asked).toHaveLength(1);
  });

  it('OAuth 1.0a finds each try signed anew, query and all', async () => {
    const nonces = new Set<string>();
    let tries = 0;
    const access = await accessOf(oauth1, (asked) => {
      nonces.add(/oauth_nonce="([^"]+)"/.exec(asked.headers.authorization ?? '')?.[1] ?? '');
      tries += 1;
      return tries === 1 ? { status: 503 } : unless(isSigned)(asked);
    });
    expect((await get(access)).status).toBe(200);
    expect(nonces.size).toBe(2);
  });

  const isSigned = (asked: Asked): boolean => {
    const request = {
      method: asked.method,
      url: `${server.url}${asked.path}`,
      query: Object.fromEntries(asked.query),
    };
    const pair = { clientId: 'key', clientSecret: 'hush' };
    return verifyOauth1(asked.headers.authorization ?? '', request, pair) === 'HMAC-SHA256';
  };
});

describe('scopes that the server does not know', () => {
  it.each([
    [['core', 'demographics'], ['fewer scopes asked for']],
    [['core'], []],
  ])('%j are noticed as %j', async (scopes, quirks) => {
    server = await SourceServer.start(({ path, body }) => {
      if (path !== '/token') return { body: { users: [] } };
      return body.includes('demographics') ? { status: 400, body: { error: 'invalid_scope' } } : TOKEN_REPLY;
    });
    const source = server.district();
    if (source.auth.kind !== 'oauth2') throw new Error('the district is not read with OAuth2');
    const find = () => Promise.resolve(source);
    const access = new DistrictAccess({ ...source, auth: { ...source.auth, scopes } }, http, { find });
    const noticed: Quirks = new Set();
    const target = () => ({ path: '/users', query: {} });
    expect((await access.get(target, undefined, noticed)).status).toBe(200);
    expect([...noticed]).toEqual(quirks);
  });
});

describe('credentials that rotate', () => {
  it.each<[string, Auth, Auth]>([
    ['static token', bearer, { kind: 'bearer', token: 'new' }],
    ['pair of OAuth 1.0a', oauth1, { ...oauth1, clientId: 'new' }],
  ])('are read again once after a 401 (%s)', async (_name, before, after) => {
    const access = await accessOf(
      before,
      unless(({ headers }) => /new/.test(headers.authorization ?? '')),
    );
    found = server.district({ auth: after });
    expect((await get(access)).status).toBe(200);
    expect(finds).toBe(1);
    await get(access);
    expect(finds).toBe(1);
  });

  it('and back again are found again', async () => {
    let good = 'new';
    const access = await accessOf(
      bearer,
      unless(({ headers }) => headers.authorization === `Bearer ${good}`),
    );
    found = server.district({ auth: { kind: 'bearer', token: 'new' } });
    expect((await get(access)).status).toBe(200);
    good = 'static';
    found = server.district({ auth: bearer });
    expect((await get(access)).status).toBe(200);
    expect(finds).toBe(2);
  });

  it('are read again once for all requests that were refused together', async () => {
    const AT_ONCE = 2; // as many as a credential begins with
    let refused = 0;
    let allRefused: () => void = () => undefined;
    const together = new Promise<void>((resolve) => (allRefused = resolve));
    const access = await accessOf(bearer, ({ headers }) => {
      if (headers.authorization !== 'Bearer static') return { body: {} };
      refused += 1;
      if (refused === AT_ONCE) allRefused();
      return { status: 401, after: together };
    });
    found = server.district({ auth: { kind: 'bearer', token: 'new' } });
    const answers = await Promise.all([get(access), get(access)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(finds).toBe(1);
  });

  it.each([bearer, oauth1])('and are still refused end the pull ($kind)', async (auth) => {
    const access = await accessOf(auth, () => ({ status: 401 }));
    await expect(get(access)).rejects.toMatchObject({ code: 'unauthorized' });
    expect([server.asked.length, finds]).toEqual([2, 1]);
  });

  it('but of a district on another server end the pull, and the next one reads there', async () => {
    const access = await accessOf(bearer, () => ({ status: 401 }));
    found = { ...server.district({ auth: bearer }), oneRosterUrl: 'http://127.0.0.1:1' };
    await expect(get(access)).rejects.toMatchObject({ code: 'moved', isPermanent: false });
    expect(server.asked).toHaveLength(1);
  });

  it.each<[string, () => DistrictSource | null]>([
    ['gone', () => null],
    ['of another version', () => server.district({ version: '1.2', auth: bearer })],
    ['a CSV bundle now', () => ({ ...server.district(), kind: 'csv', path: '/x' })],
  ])('but of a district that is %s end the pull', async (_name, now) => {
    const access = await accessOf(bearer, () => ({ status: 401 }));
    found = now();
    await expect(get(access)).rejects.toMatchObject({ code: 'unknown-district' });
    expect(server.asked).toHaveLength(1);
  });
});
