import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:https';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SELF_SIGNED } from '../../test/self-signed.js';
import { FAST_RETRY, SourceServer, type Asked, type Reply } from '../../test/source.server.js';
import { guardedAgents } from '../connection/guarded-agents.js';
import { HttpClient, type HttpAnswer, type HttpSettings } from './http.client.js';

const ONCE = { ...FAST_RETRY, maxAttempts: 1 };
const LOOPBACK = { privateNetworks: ['127.0.0.0/8'] };

let server: SourceServer | undefined;
let other: Server | undefined;
let client: HttpClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
  other?.close();
  server = other = undefined;
});

function ask(url: string, settings: Partial<HttpSettings> = {}): Promise<HttpAnswer> {
  client = new HttpClient({ retry: ONCE, ...settings });
  return client.send(() => ({ method: 'GET', url, headers: { authorization: 'Bearer hush' } }));
}

async function answered(
  answer: (asked: Asked) => Reply,
  settings: Partial<HttpSettings> = {},
): Promise<HttpAnswer> {
  server = await SourceServer.start(answer);
  return ask(`${server.url}/users`, settings);
}

async function listening(listener: Server): Promise<number> {
  other = listener;
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return (listener.address() as AddressInfo).port;
}

describe('an answer is given up', () => {
  it('when no connection is made in time, its TLS included', async () => {
    const port = await listening(createTcpServer((socket) => void socket.resume()));
    const asked = ask(`https://127.0.0.1:${port}/users`, { ...LOOPBACK, connectTimeoutMs: 50 });
    await expect(asked).rejects.toMatchObject({ code: 'timeout', message: /no connection in time/ });
  });

  it('when its headers do not come in time', async () => {
    const asked = answered(() => ({ instead: 'silence' }), { headersTimeoutMs: 50 });
    await expect(asked).rejects.toMatchObject({ code: 'timeout', message: /no answer in time/ });
  });

  it('when it stops in the middle (slow drip that dries up)', async () => {
    const asked = answered(() => ({ body: 'half of it', midway: 'silence' }), { idleTimeoutMs: 50 });
    await expect(asked).rejects.toMatchObject({ code: 'timeout', message: /stopped in the middle/ });
  });

  it('when it is not whole in time, however steadily it comes', async () => {
    const asked = answered(() => ({ body: 'half of it', midway: 'silence' }), { timeoutMs: 50 });
    await expect(asked).rejects.toMatchObject({ code: 'timeout', message: /no whole answer in time/ });
  });

  it('when the connection breaks in the middle (truncated page)', async () => {
    const asked = answered(() => ({ body: '{"users":[]}', midway: 'break' }));
    await expect(asked).rejects.toMatchObject({ code: 'network' });
  });

  it('when what is packed is cut off', async () => {
    const packed = gzipSync('{"users":[]}'.repeat(1000));
    const body = packed.subarray(0, packed.length - 20);
    const asked = answered(() => ({ body, headers: { 'content-encoding': 'gzip' } }));
    await expect(asked).rejects.toMatchObject({ code: 'network' });
  });
});

describe('an answer', () => {
  const text = '{"users":[]}';
  it.each([
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
  ])('packed as %s is unpacked', async (encoding, body) => {
    const answer = await answered(() => ({ body, headers: { 'content-encoding': encoding } }));
    expect(answer.body.toString()).toBe(text);
  });

  it('is not asked for as deflate, which servers pack in two ways', async () => {
    await answered(() => ({ body: text }));
    expect(server?.asked[0]?.headers['accept-encoding']).toBe('gzip, br');
  });

  it('packed in an unknown way is an error', async () => {
    const asked = answered(() => ({ body: text, headers: { 'content-encoding': 'zstd' } }));
    await expect(asked).rejects.toMatchObject({ code: 'unknown-encoding' });
  });

  it('that unpacks to more than allowed (gzip bomb) ends long before it is unpacked', async () => {
    const body = gzipSync(Buffer.alloc(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    const asked = answered(() => ({ body, headers: { 'content-encoding': 'gzip' } }), {
      maxBodyBytes: 100_000,
    });
    await expect(asked).rejects.toMatchObject({ code: 'too-large' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });
});

describe('an answer whose body cannot be read keeps its status and headers', () => {
  const gzip = { 'content-encoding': 'gzip' };
  it.each<[string, Reply]>([
    ['packed, and empty', { status: 401, headers: gzip }],
    ['not packed as it says', { status: 403, headers: gzip, body: '<html>' }],
    ['not packed as it says (br)', { status: 404, headers: { 'content-encoding': 'br' }, body: '<html>' }],
    ['packed in an unknown way', { status: 404, headers: { 'content-encoding': 'zstd' }, body: 'xx' }],
    ['larger than allowed', { status: 400, body: 'x'.repeat(5000) }],
    ['cut off while packed', { status: 400, headers: gzip, body: gzipSync('x'.repeat(500)).subarray(0, 20) }],
  ])('(%s)', async (_name, reply) => {
    const answer = await answered(() => ({ ...reply, headers: { 'x-mark': 'kept', ...reply.headers } }), {
      maxBodyBytes: 1000,
    });
    expect(answer.status).toBe(reply.status);
    expect(answer.headers['x-mark']).toBe('kept');
    expect(answer.body).toHaveLength(0);
  });

  it.each<[string, Reply]>([
    ['empty', { headers: gzip }],
    ['not packed as it says', { headers: gzip, body: '<html>busy</html>' }],
    ['packed in an unknown way', { headers: { 'content-encoding': 'zstd' }, body: 'xx' }],
  ])('and so what it asks to wait (%s)', async (_name, { headers, ...reply }) => {
    const asked = answered(() => ({ status: 503, headers: { ...headers, 'retry-after': '60' }, ...reply }));
    await expect(asked).rejects.toMatchObject({ code: 'status', retryAfterMs: 60_000 });
  });

  it('but where it breaks off on its way it is no answer', async () => {
    const asked = answered(() => ({ status: 404, body: '<html></html>', midway: 'break' }));
    await expect(asked).rejects.toMatchObject({ code: 'network' });
  });
});

it('an answer of no bytes is empty, whatever it is said to be packed as', async () => {
  const answer = await answered(() => ({ headers: { 'content-encoding': 'gzip' } }));
  expect(answer.body).toHaveLength(0);
});

describe('no request is sent', () => {
  it('over plain http to anything but loopback', async () => {
    await expect(ask('http://10.0.0.1/users')).rejects.toMatchObject({ code: 'insecure-url' });
  });

  it.each([
    'https://127.0.0.1/users',
    'https://localhost/users',
    'https://[::1]/users',
    'https://[::ffff:7f00:1]/users',
  ])('to %s, which is not public', async (url) => {
    const asked = ask(url);
    await expect(asked).rejects.toMatchObject({ code: 'insecure-url', isPermanent: true });
  });

  it('to a host that is not on the list', async () => {
    const asked = answered(() => ({}), { hosts: ['source.example.org'] });
    await expect(asked).rejects.toMatchObject({ code: 'insecure-url' });
    expect(server?.asked).toEqual([]);
  });

  it('over TLS that cannot be verified', async () => {
    let isAsked = false;
    const port = await listening(createTlsServer(SELF_SIGNED, () => (isAsked = true)));
    const asked = ask(`https://127.0.0.1:${port}/users`, LOOPBACK);
    await expect(asked).rejects.toMatchObject({ code: 'network', message: /SELF_SIGNED/ });
    expect(isAsked).toBe(false);
  });

  it('over TLS that the environment says need not be verified', () => {
    const { httpAgent, httpsAgent } = guardedAgents({ connectTimeoutMs: 1000, privateNetworks: [] });
    expect(httpsAgent.options.rejectUnauthorized).toBe(true);
    httpAgent.destroy();
    httpsAgent.destroy();
  });
});
