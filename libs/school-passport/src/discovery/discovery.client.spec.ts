import { afterEach, describe, expect, it } from '@jest/globals';
import { FAST_RETRY, SourceServer, TOKEN_REPLY, type Reply } from '../../test/source.server.js';
import { HttpClient } from '../http/http.client.js';
import { Discovery } from './discovery.client.js';

let server: SourceServer;
const http = new HttpClient({ retry: FAST_RETRY });

afterEach(async () => {
  http.close();
  await server.close();
});

async function discoveryOf(answer: (count: number) => Reply, path = ''): Promise<Discovery> {
  let count = 0;
  server = await SourceServer.start((asked) =>
    asked.path === '/datahub/oauth/token' ? TOKEN_REPLY : answer((count += 1)),
  );
  const settings = { url: `${server.url}${path}`, clientId: 'partner', clientSecret: 's', allowHttp: true };
  return new Discovery(settings, http);
}

describe('Discovery', () => {
  it.each(['', '/', '/datahub', '/datahub/services/'])(
    'is asked at its documented place, given the host and %p',
    async (path) => {
      const discovery = await discoveryOf(() => ({ body: [] }), path);
      expect(await discovery.list()).toEqual([]);
      expect(server.asked.at(-1)?.path).toBe('/datahub/services/vendor/onboarding/credentials');
      expect(server.asked.at(-1)?.headers.authorization).toBe('Bearer the-token');
    },
  );

  it('renews the token once after a 401', async () => {
    const discovery = await discoveryOf((count) => (count === 1 ? { status: 401 } : { body: [] }));
    expect(await discovery.list()).toEqual([]);
    expect(server.asked.filter(({ method }) => method === 'POST')).toHaveLength(2);
  });

  it('takes no district for gone whose entry cannot be used', async () => {
    const entry = (districtGuid: string, apiUrl: string) => ({
      districtGuid,
      apiUrl,
      clientId: 'id',
      clientSecret: 's',
    });
    const discovery = await discoveryOf(() => ({
      body: [entry('north', 'sis.example.org'), entry('south', '')],
    }));
    await expect(discovery.find('south')).rejects.toThrow('Discovery: entry 2: apiUrl is missing');
    expect(await discovery.find('west')).toBeNull();
  });

  it.each<[Reply, string]>([
    [{ status: 401 }, 'unauthorized'],
    [{ status: 403 }, 'forbidden'],
    [{ status: 404 }, 'status'],
    [{ status: 503 }, 'status'],
    [{ body: '<html></html>' }, 'not-json'],
    [{ body: { error: 'x' } }, 'unknown-shape'],
  ])('that cannot be trusted is an error, never an empty list (%#)', async (reply, code) => {
    const discovery = await discoveryOf(() => reply);
    await expect(discovery.list()).rejects.toMatchObject({ code });
  });
});
