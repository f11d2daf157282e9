import { afterEach, describe, expect, it } from '@jest/globals';
import { FAST_RETRY, SourceServer, type Reply } from '../../test/source.server.js';
import { HttpClient } from './http.client.js';
import { TokenClient } from './token.client.js';

let server: SourceServer;
const http = new HttpClient({ retry: FAST_RETRY });
let nowMs = 0;

afterEach(async () => {
  http.close();
  await server.close();
});

async function tokensOf(reply: (count: number) => Reply): Promise<TokenClient> {
  let count = 0;
  nowMs = 1000;
  server = await SourceServer.start(() => reply((count += 1)));
  const credentials = { tokenUrl: `${server.url}/token`, clientId: 'id', clientSecret: 's:cret' };
  return new TokenClient(http, credentials, () => nowMs);
}

const numbered = (count: number, expires_in?: unknown): Reply => ({
  body: { access_token: `t${count}`, expires_in },
});

describe('tokens', () => {
  it('are asked for with Basic authentication and a form body', async () => {
    const tokens = await tokensOf(numbered);
    expect(await tokens.get()).toBe('t1');
    const [asked] = server.asked;
    expect(asked?.method).toBe('POST');
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('id:s:cret').toString('base64')}`);
    expect(asked?.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(asked?.body).toBe('grant_type=client_credentials');
  });

  it('are asked for once, however many ask at the same time', async () => {
    const tokens = await tokensOf(numbered);
    expect(await Promise.all([tokens.get(), tokens.get(), tokens.get()])).toEqual(['t1', 't1', 't1']);
    expect(server.asked).toHaveLength(1);
  });

  it.each([100, '100'])('are renewed at 90 %% of their life (%p)', async (expiresIn) => {
    const tokens = await tokensOf((count) => numbered(count, expiresIn));
    await tokens.get();
    nowMs += 89_000;
    expect(await tokens.get()).toBe('t1');
    nowMs += 1000;
    expect(await tokens.get()).toBe('t2');
  });

  it('without a life are kept for a while', async () => {
    const tokens = await tokensOf(numbered);
    await tokens.get();
    nowMs += 60_000;
    expect(await tokens.get()).toBe('t1');
    nowMs += 3_600_000;
    expect(await tokens.get()).toBe('t2');
  });

  it('are renewed when refused, but only by who holds the refused one', async () => {
    const tokens = await tokensOf(numbered);
    tokens.refuse(await tokens.get());
    expect(await tokens.get()).toBe('t2');
    tokens.refuse('t1');
    expect(await tokens.get()).toBe('t2');
  });

  it.each<[Reply, string]>([
    [{ status: 401, body: { error: 'invalid_client' } }, 'unauthorized'],
    [{ status: 400, body: { error: 'invalid_client' } }, 'unauthorized'],
    [{ body: '<html>' }, 'unknown-shape'],
    [{ body: {} }, 'unknown-shape'],
    [{ body: { access_token: 'a\r\nx: y' } }, 'unknown-shape'],
    [{ status: 500 }, 'status'],
  ])('that cannot be had end with a code (%#)', async (reply, code) => {
    const tokens = await tokensOf(() => reply);
    await expect(tokens.get()).rejects.toMatchObject({ code });
  });
});
