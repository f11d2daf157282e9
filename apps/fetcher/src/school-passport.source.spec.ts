import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpClient, OneRosterClient, SchoolPassportError, type Discovery } from '#school-passport';
import {
  FAST_RETRY,
  SourceServer,
  TOKEN_REPLY,
  type Reply,
} from '../../../libs/school-passport/test/source.server.js';
import type { SingleAnswer } from './ports.js';
import { SchoolPassportSource } from './school-passport.source.js';

let server: SourceServer;
let http: HttpClient;
afterEach(async () => {
  http.close();
  await server.close();
});

async function readOne(reply: Reply, token: Reply = TOKEN_REPLY): Promise<SingleAnswer> {
  server = await SourceServer.start(({ path }) => (path === '/token' ? token : reply));
  http = new HttpClient({ timeoutMs: 200, retry: FAST_RETRY });
  const finder = { find: () => Promise.resolve(server.district()) } as unknown as Discovery;
  const source = new SchoolPassportSource(finder, new OneRosterClient(http, finder));
  return source.readOne(server.district(), 'users', 'u1', new AbortController().signal);
}

describe('a single record of a OneRoster server', () => {
  it('is what its envelope holds', async () => {
    const row = { sourcedId: 'u1', status: 'active' };
    expect(await readOne({ body: { user: row } })).toEqual({ kind: 'record', row });
  });

  it('is gone by a 404', async () => {
    expect(await readOne({ status: 404 })).toEqual({ kind: 'gone' });
  });

  it.each<[string, Reply]>([
    ['status 400', { status: 400 }],
    ['status 403', { status: 403 }],
    ['status 405', { status: 405 }],
    ['status 501', { status: 501 }],
    ['status 302', { status: 302, headers: { location: '/login' } }],
    ['not-json', { body: '<html>hello</html>' }],
    ['unknown-shape', { body: { error: 'no such end point' } }],
    ['unknown-shape', { body: { imsx_codeMajor: 'failure' } }],
  ])('is not told of by an answer that is %s', async (why, reply) => {
    expect(await readOne(reply)).toEqual({ kind: 'silent', why });
  });

  it.each<[string, Reply]>([
    ['status 503', { status: 503 }],
    ['status 429', { status: 429 }],
    ['network', { instead: 'break' }],
    ['timeout', { instead: 'silence' }],
  ])('is not answered for by %s after all tries', async (why, reply) => {
    expect(await readOne(reply)).toEqual({ kind: 'no-answer', why });
  });

  it.each(['retry-budget', 'asked-to-wait'] as const)(
    'is not answered for by a source that is left in peace for a while (%s)',
    async (code) => {
      server = await SourceServer.start(() => ({}));
      http = new HttpClient();
      const error = new SchoolPassportError(code, 'later');
      const client = { readOne: () => Promise.reject(error) } as unknown as OneRosterClient;
      const source = new SchoolPassportSource({} as Discovery, client);
      const signal = new AbortController().signal;
      expect(await source.readOne(server.district(), 'users', 'u1', signal)).toEqual({
        ...{ kind: 'no-answer', why: code },
      });
    },
  );

  it('ends the conversation where the district is refused', async () => {
    await expect(readOne({ status: 401 })).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
