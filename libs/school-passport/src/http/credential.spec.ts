import { afterEach, describe, expect, it } from '@jest/globals';
import { FAST_RETRY, SourceServer, type Asked, type Reply } from '../../test/source.server.js';
import { HttpClient, type HttpSettings } from './http.client.js';

let server: SourceServer;
let client: HttpClient;

afterEach(async () => {
  client.close();
  await server.close();
});

async function start(
  answer: (asked: Asked) => Reply,
  settings: Partial<HttpSettings> = {},
): Promise<HttpClient> {
  server = await SourceServer.start(answer);
  return (client = new HttpClient({ retry: FAST_RETRY, ...settings }));
}

const ask = (http: HttpClient, path: string): Promise<unknown> =>
  http.send(() => ({ method: 'GET', url: `${server.url}${path}`, headers: {} }));

const countOf = (path: string): number => server.asked.filter((asked) => asked.path === path).length;

describe('Retry-After', () => {
  const inASecond = (): string => new Date(Date.now() + 2000).toUTCString();

  it.each<[string, () => string, string]>([
    ['in seconds', () => '1', ''],
    ['as a date', inASecond, ''],
    ['with a page of HTML', () => '1', '<html>429</html>'],
  ])('%s holds all requests of the credential, and those of no other', async (_name, header, body) => {
    let isTold = false;
    const http = await start(
      ({ path }) =>
        path === '/busy' && countOf('/busy') === 1
          ? { status: 429, headers: { 'retry-after': header() }, body }
          : {},
      { onAnswer: () => (isTold = true) },
    );
    const told = ask(http, '/busy');
    while (!isTold) await new Promise((resolve) => setImmediate(resolve));
    const happened: string[] = [];
    const same = ask(http, '/same').then(() => happened.push('same'));
    await ask(http.forCredential(), '/other').then(() => happened.push('other'));
    expect(countOf('/same')).toBe(0);
    await Promise.all([told, same]);
    expect(happened).toEqual(['other', 'same']);
  });

  it('for longer than a pull waits ends the request, and those that follow, with what was asked', async () => {
    const http = await start(() => ({ status: 503, headers: { 'retry-after': '3600' } }));
    await expect(ask(http, '/a')).rejects.toMatchObject({ code: 'status', retryAfterMs: 3_600_000 });
    await expect(ask(http, '/b')).rejects.toMatchObject({ code: 'asked-to-wait', isPermanent: false });
    expect(server.asked).toHaveLength(1);
  });
});

describe('requests of one credential', () => {
  it('are never more at once than allowed', async () => {
    let open = 0;
    let most = 0;
    const http = await start(
      () => {
        most = Math.max(most, (open += 1));
        setImmediate(() => (open -= 1));
        return {};
      },
      { concurrency: 3 },
    );
    await Promise.all(Array.from({ length: 40 }, () => ask(http, '/users')));
    expect(most).toBeLessThanOrEqual(3);
  });

  it('share their retries: a source that fails all the time ends with a clear error', async () => {
    const http = await start(() => ({ status: 503 }), { retries: 3 });
    const codes: string[] = [];
    for (let requests = 0; requests < 3; requests += 1) {
      await ask(http, '/users').catch(({ code }: { code: string }) => codes.push(code));
    }
    expect(codes).toEqual(['status', 'retry-budget', 'retry-budget']);
    expect(server.asked).toHaveLength(3 + 2 + 1);
  });

  it('are fewer after a refusal', async () => {
    const http = await start(() => ({ status: server.asked.length === 1 ? 429 : 200 }));
    const concurrency: number[] = [];
    await http.send(() => {
      concurrency.push(http.concurrency);
      return { method: 'GET', url: `${server.url}/users`, headers: {} };
    });
    expect(concurrency).toEqual([2, 1]);
  });
});
