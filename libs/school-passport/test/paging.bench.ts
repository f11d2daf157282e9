/*
 * What the client adds to a source that takes its time: reads a collection of so many rows (default 200,000) from a
 * server on this machine that answers each page after 250 ms, with four requests at once, and compares the rate with
 * limit × concurrency ÷ latency, and with what bare requests get from the same server (on a busy machine also they get
 * less). Then the same from a server without totals, which is read page by page. Needs nothing.
 * Prints one JSON line for each: rows per second, both ratios, CPU per row, and memory.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { EntityType } from '#contracts';
import { HttpClient } from '../src/http/http.client.js';
import { OneRosterClient } from '../src/one-roster/one-roster.client.js';
import { SourceServer, TOKEN_REPLY, type Asked, type Reply } from './source.server.js';

const LATENCY_MS = 250;
const LIMIT = 500;
const CONCURRENCY = 4;
const TYPE: EntityType = 'users';

const count = Number(process.argv[2] ?? '200000');
const rows = Array.from({ length: count }, (_, n) => row(n));

for (const hasTotals of [true, false]) {
  process.stdout.write(`${JSON.stringify(await measure(hasTotals))}\n`);
}

/** Text, so that the server has little to do. */
function row(n: number): string {
  return JSON.stringify({
    sourcedId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    ...{ status: 'active', dateLastModified: '2026-01-01T00:00:00.000Z', username: `user-${n}` },
    ...{ givenName: 'Given', familyName: 'Family', role: 'student', enabledUser: 'true' },
    ...{
      email: `user-${n}@example.org`,
      identifier: String(n),
      grades: ['09'],
      metadata: { note: 'x'.repeat(200) },
    },
    orgs: [{ href: 'https://source.example.org/orgs/1', sourcedId: `org-${n % 40}`, type: 'org' }],
  });
}

async function measure(hasTotals: boolean): Promise<Record<string, unknown>> {
  const server = await SourceServer.start((asked) =>
    asked.path === '/token' ? TOKEN_REPLY : page(asked, hasTotals),
  );
  const http = new HttpClient({ concurrency: CONCURRENCY });
  const client = new OneRosterClient(http, { find: () => Promise.resolve(null) }, { pageLimit: LIMIT });
  const atOnce = hasTotals ? CONCURRENCY : 1;
  const bare = await bareRate(server, atOnce);
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let read = 0;
  for await (const part of client.pages(server.district(), TYPE)) {
    if (part.kind === 'page') read += part.rows.length;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  http.close();
  await server.close();
  const allowed = (LIMIT * atOnce * 1000) / LATENCY_MS;
  return {
    source: hasTotals ? 'with totals' : 'without totals',
    rows: read,
    isWhole: read === count,
    requests: server.asked.length - Math.ceil(count / LIMIT),
    seconds: Math.round(seconds * 10) / 10,
    rowsPerSecond: Math.round(read / seconds),
    allowedPerSecond: allowed,
    ratio: rounded(read / seconds / allowed),
    bareRowsPerSecond: Math.round(bare),
    ratioToBare: rounded(read / seconds / bare),
    // The server's own share is in it.
    cpuMicrosecondsPerRow: Math.round((user + system) / read),
    memoryMegabytes: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}

/** Rows per second of requests that are sent, received and thrown away. */
async function bareRate(server: SourceServer, atOnce: number): Promise<number> {
  const offsets = Array.from({ length: Math.ceil(count / LIMIT) }, (_, n) => n * LIMIT);
  const startedAt = performance.now();
  const work = async (): Promise<void> => {
    for (let offset = offsets.shift(); offset !== undefined; offset = offsets.shift()) {
      const answer = await fetch(`${server.url}/${TYPE}?limit=${LIMIT}&offset=${offset}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (count * 1000) / (performance.now() - startedAt);
}

function rounded(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}

function page({ query }: Asked, hasTotals: boolean): Reply {
  const offset = Number(query.get('offset'));
  const body = `{"${TYPE}":[${rows.slice(offset, offset + Number(query.get('limit'))).join(',')}]}`;
  const headers: Record<string, string> = hasTotals ? { 'x-total-count': String(count) } : {};
  return { headers, body, after: delay(LATENCY_MS) };
}
