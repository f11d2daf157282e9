import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FAST_RETRY, SourceServer, type Asked, type Reply } from '../../test/source.server.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import { HttpClient, type HttpAnswer, type HttpSettings } from './http.client.js';

let server: SourceServer | undefined;
let client: HttpClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
});

async function ask(
  answer: (asked: Asked, count: number) => Reply,
  settings: Partial<HttpSettings> = {},
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  let count = 0;
  server = await SourceServer.start((asked) => answer(asked, (count += 1)));
  client = new HttpClient({ retry: FAST_RETRY, ...settings });
  const request = {
    method: 'GET',
    url: `${server.url}/path`,
    headers: { authorization: 'Bearer hush' },
  } as const;
  return client.send(() => ({ ...request, query: { word: 'hush' } }), signal);
}

async function failure(promise: Promise<unknown>): Promise<SchoolPassportError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SchoolPassportError))
    throw new Error('it did not fail as expected', { cause: error });
  return error;
}

describe('the HTTP client', () => {
  it('tries again after 503, 429 and a broken connection, and gives the answer that comes then', async () => {
    const statuses: number[] = [];
    const replies: Reply[] = [{ status: 503 }, { instead: 'break' }, { body: 'fine' }];
    const answer = await ask((_, count) => replies[count - 1] ?? {}, {
      onAnswer: (status) => statuses.push(status),
    });
    expect(answer.body.toString()).toBe('fine');
    expect(statuses).toEqual([503, 0, 200]);
  });

  it('ends with the status and the attempt when every try fails', async () => {
    const error = await failure(ask(() => ({ status: 502, body: '<html>' })));
    expect(error.coordinates).toEqual({ method: 'GET', path: '/path', status: 502, attempt: 3 });
    expect(server?.asked).toHaveLength(3);
  });

  it('does not try again what will not get better', async () => {
    const answer = await ask(() => ({ status: 404 }));
    expect(answer.status).toBe(404);
    expect(server?.asked).toHaveLength(1);
  });

  it('waits as long as Retry-After asks', async () => {
    const startedAt = performance.now();
    await ask((_, count) => (count === 1 ? { status: 429, headers: { 'retry-after': '1' } } : {}));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  it('does not follow a redirect, which would carry the token elsewhere', async () => {
    const answer = await ask(() => ({ status: 302, headers: { location: '/elsewhere' } }));
    expect(answer.status).toBe(302);
    expect(server?.asked.map(({ path }) => path)).toEqual(['/path']);
  });

  it('ends an answer that is larger than allowed', async () => {
    const error = await failure(ask(() => ({ body: 'x'.repeat(5000) }), { maxBodyBytes: 1000 }));
    expect(error.code).toBe('too-large');
  });

  it('ends a silent answer in time', async () => {
    const error = await failure(ask(() => ({ instead: 'silence' }), { timeoutMs: 50 }));
    expect(error.code).toBe('timeout');
  });

  it('stops at once when told to while it waits', async () => {
    const stop = new AbortController();
    const reply = { status: 503, headers: { 'retry-after': '4' } };
    const settings = { onAnswer: () => stop.abort() };
    const error = await failure(ask(() => reply, settings, stop.signal));
    expect(error.code).toBe('stopped');
    expect(server?.asked).toHaveLength(1);
  });

  it('stops at once when told to while it is asked', async () => {
    const stop = new AbortController();
    const silence = (): Reply => (stop.abort(), { instead: 'silence' });
    expect((await failure(ask(silence, {}, stop.signal))).code).toBe('stopped');
  });

  it.each<Reply>([{ status: 500, body: 'hush' }, { instead: 'break' }])(
    'lets no token, query or body out with an error',
    async (reply) => {
      const error = await failure(ask(() => reply));
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hush');
      expect(error.cause).toBeUndefined();
    },
  );
});
