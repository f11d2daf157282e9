/*
 * What the client adds to a source that takes its time: reads a collection of so many rows (default 200,000) from a
 * server in another thread that answers each page after 250 ms, with four requests at once, and compares the rate with
 * limit × concurrency ÷ latency, and with what bare requests get from the same server (on a busy machine also they get
 * less). Then the same from a server without totals, which is read page by page. Needs nothing.
 * Prints one JSON line for each: rows per second, both ratios, CPU per row (the server's included), and memory.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { EntityType } from '#contracts';
import type { ServedDistrict } from '../src/discovery/district-source.js';
import { HttpClient } from '../src/http/http.client.js';
import { OneRosterClient } from '../src/one-roster/one-roster.client.js';
import { SourceServer, TOKEN_REPLY } from './source.server.js';

const LATENCY_MS = 250;
const LIMIT = 500;
const CONCURRENCY = 4;
const TYPE: EntityType = 'users';

interface Served {
  readonly count: number;
  readonly hasTotals: boolean;
}

if (isMainThread) {
  const count = Number(process.argv[2] ?? '200000');
  for (const hasTotals of [true, false]) {
    process.stdout.write(`${JSON.stringify(await measure({ count, hasTotals }))}\n`);
  }
} else {
  await serve(workerData as Served);
}

async function serve({ count, hasTotals }: Served): Promise<void> {
  const rows = Array.from({ length: count }, (_, n) => row(n));
  const headers: Record<string, string> = hasTotals ? { 'x-total-count': String(count) } : {};
  const server = await SourceServer.start(({ path, query }) => {
    if (path === '/token') return TOKEN_REPLY;
    const offset = Number(query.get('offset'));
    const page = rows.slice(offset, offset + Number(query.get('limit')));
    return { headers, body: `{"${TYPE}":[${page.join(',')}]}`, after: delay(LATENCY_MS) };
  });
  parentPort?.postMessage(server.district());
}

function row(n: number): string {
  return JSON.stringify({
    sourcedId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    ...{ status: 'active', dateLastModified: '2026-01-01T00:00:00.000Z', username: `user-${n}` },
    ...{ givenName: 'Given', familyName: 'Family', role: 'student', enabledUser: 'true' },
    ...{ email: `user-${n}@example.org`, identifier: String(n), grades: ['09'] },
    metadata: { note: 'x'.repeat(200) },
    orgs: [{ href: 'https://source.example.org/orgs/1', sourcedId: `org-${n % 40}`, type: 'org' }],
  });
}

async function measure(served: Served): Promise<Record<string, unknown>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: served });
  const district = await new Promise<ServedDistrict>((resolve) => worker.once('message', resolve));
  const atOnce = served.hasTotals ? CONCURRENCY : 1;
  const bare = await bareRate(district, served.count, atOnce);
  const before = process.cpuUsage();
  const rate = await clientRate(district, served.count);
  const { user, system } = process.cpuUsage(before);
  await worker.terminate();
  const allowed = (LIMIT * atOnce * 1000) / LATENCY_MS;
  return {
    source: served.hasTotals ? 'with totals' : 'without totals',
    rows: served.count,
    rowsPerSecond: Math.round(rate),
    allowedPerSecond: allowed,
    ratio: Math.round((rate / allowed) * 1000) / 1000,
    bareRowsPerSecond: Math.round(bare),
    ratioToBare: Math.round((rate / bare) * 1000) / 1000,
    cpuMicrosecondsPerRow: Math.round((user + system) / served.count),
    memoryMegabytes: Math.round(process.memoryUsage.rss() / 1_048_576),
  };
}

async function clientRate(district: ServedDistrict, count: number): Promise<number> {
  const http = new HttpClient({ concurrency: CONCURRENCY });
  const client = new OneRosterClient(http, { find: () => Promise.resolve(null) }, { pageLimit: LIMIT });
  const startedAt = performance.now();
  let read = 0;
  for await (const part of client.pages(district, TYPE)) {
    if (part.kind === 'page') read += part.rows.length;
  }
  http.close();
  if (read !== count) throw new Error(`${read} of ${count} rows were read`);
  return (read * 1000) / (performance.now() - startedAt);
}

/** Rows per second of requests that are sent, received and thrown away. */
async function bareRate({ oneRosterUrl }: ServedDistrict, count: number, atOnce: number): Promise<number> {
  const offsets = Array.from({ length: Math.ceil(count / LIMIT) }, (_, n) => n * LIMIT);
  const startedAt = performance.now();
  const work = async (): Promise<void> => {
    for (let offset = offsets.shift(); offset !== undefined; offset = offsets.shift()) {
      const answer = await fetch(`${oneRosterUrl}/${TYPE}?limit=${LIMIT}&offset=${offset}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (count * 1000) / (performance.now() - startedAt);
}
