import { afterEach, describe, expect, it } from '@jest/globals';
import { FAST_RETRY, SourceServer, type Asked, type Reply } from '../../test/source.server.js';
import { HttpClient } from './http.client.js';
import { TokenClient, type Credentials } from './token.client.js';

let server: SourceServer;
const http = new HttpClient({ retry: FAST_RETRY });
let nowMs = 0;

afterEach(async () => {
  http.close();
  await server.close();
});

async function tokensOf(
  reply: (count: number, asked: Asked) => Reply,
  how: Partial<Credentials> = {},
): Promise<TokenClient> {
  let count = 0;
  nowMs = 1000;
  server = await SourceServer.start((asked) => reply((count += 1), asked));
  const pair = { clientId: 'id', clientSecret: 's:cret', credentialsIn: 'header', scopes: [] } as const;
  return new TokenClient(http, { tokenUrl: `${server.url}/token`, ...pair, ...how }, () => nowMs);
}

const numbered = (count: number, expires_in?: unknown): Reply => ({
  body: { access_token: `t${count}`, expires_in },
});

const formOf = (asked: Asked | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(asked?.body));

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

  it.each(['bearer', 'Bearer', 'BEARER', undefined])(
    'are taken whatever the answer says of their type and scope (%p)',
    async (token_type) => {
      const body = { access_token: 't', token_type, expires_in: 7199, scope: 'any' };
      expect(await (await tokensOf(() => ({ body }))).get()).toBe('t');
    },
  );

  it('are read behind a byte order mark', async () => {
    const body = `\ufeff${JSON.stringify({ access_token: 't' })}`;
    expect(await (await tokensOf(() => ({ body }))).get()).toBe('t');
  });

  it('are asked for with the pair in the body where the server wants it there', async () => {
    const tokens = await tokensOf(numbered, { credentialsIn: 'body' });
    expect(await tokens.get()).toBe('t1');
    expect(server.asked[0]?.headers.authorization).toBeUndefined();
    expect(formOf(server.asked[0])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'id',
      client_secret: 's:cret',
    });
  });

  it('are asked for with all scopes, and with fewer while the server does not know all of them', async () => {
    const known = (scope: string): boolean => scope.split(' ').every((one) => one !== 'demographics');
    const tokens = await tokensOf(
      (count, asked) =>
        known(formOf(asked).scope ?? '')
          ? numbered(count, 100)
          : { status: 400, body: { error: 'invalid_scope' } },
      { scopes: ['core', 'more', 'demographics'] },
    );
    expect(tokens.isNarrower).toBe(false);
    expect(await tokens.get()).toBe('t2');
    expect(tokens.isNarrower).toBe(true);
    nowMs += 90_000;
    expect(await tokens.get()).toBe('t4');
    const scopes = server.asked.map((asked) => formOf(asked).scope);
    // A scope that is granted later is had at the next renewal.
    expect(scopes).toEqual(['core more demographics', 'core more', 'core more demographics', 'core more']);
  });

  it('are asked for without a scope when the server knows none, and end if it wants one', async () => {
    const refusal = { status: 400, body: { error: 'invalid_scope' } };
    const tokens = await tokensOf(() => refusal, { scopes: ['core'] });
    await expect(tokens.get()).rejects.toMatchObject({ code: 'unauthorized' });
    expect(server.asked.map((asked) => formOf(asked).scope)).toEqual(['core', undefined]);
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
