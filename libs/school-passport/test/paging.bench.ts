/*
 * What the client adds to a source that takes its time: reads a collection of so many rows (default 200,000) from a
 * server on this machine that answers each page after 250 ms, with four requests at once, and compares the rate with
 * limit × concurrency ÷ latency. Then the same from a server without totals, which is read page by page. Needs nothing.
 * Prints one JSON line for each: rows per second, the rate that the latency allows, their ratio, CPU per row, and memory.
 */
import type { EntityType } from '#contracts';
import { HttpClient } from '../src/http/http.client.js';
import { OneRosterClient } from '../src/one-roster/one-roster.client.js';
import { SourceServer, TOKEN_REPLY, type Asked, type Reply } from './source.server.js';

const LATENCY_MS = 250;
const LIMIT = 500;
const CONCURRENCY = 4;
const TYPE: EntityType = 'users';

const count = Number(process.argv[2] ?? '200000');
const rows = Array.from({ length: count }, (_, n) => ({
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
}));

for (const hasTotals of [true, false]) {
  process.stdout.write(`${JSON.stringify(await measure(hasTotals))}\n`);
}

async function measure(hasTotals: boolean): Promise<Record<string, unknown>> {
  const server = await SourceServer.start((asked) =>
    asked.path === '/token' ? TOKEN_REPLY : page(asked, hasTotals),
  );
  const http = new HttpClient({ concurrency: CONCURRENCY });
  const client = new OneRosterClient(http, { find: () => Promise.resolve(null) }, { pageLimit: LIMIT });
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
  const atOnce = hasTotals ? CONCURRENCY : 1;
  const allowed = (LIMIT * atOnce * 1000) / LATENCY_MS;
  return {
    source: hasTotals ? 'with totals' : 'without totals',
    rows: read,
    isWhole: read === count,
    requests: server.asked.length,
    seconds: Math.round(seconds * 10) / 10,
    rowsPerSecond: Math.round(read / seconds),
    allowedPerSecond: allowed,
    ratio: Math.round((read / seconds / allowed) * 1000) / 1000,
    // The server's own share is in it.
    cpuMicrosecondsPerRow: Math.round((user + system) / read),
    memoryMegabytes: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}

function page({ query }: Asked, hasTotals: boolean): Reply {
  const offset = Number(query.get('offset'));
  const body = { [TYPE]: rows.slice(offset, offset + Number(query.get('limit'))) };
  const headers: Record<string, string> = hasTotals ? { 'x-total-count': String(count) } : {};
  return { headers, body, afterMs: LATENCY_MS };
}
