/**
 * Measures the fetcher alone: from the bytes of a sandbox district's pages to the acknowledged raw log, over HTTP too;
 * its CPU by stage; and its memory at each size.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { topicSpecs } from '#contracts';
import { ensureTopics, KafkaConnection, LogPublisher } from '#kafka';
import { HttpClient, OneRosterClient } from '#school-passport';
import { CapturedPages, discoveryOf } from './bench-fetcher/captured-pages.js';
import { measureFetch, type ActFigures } from './bench-fetcher/fetch-act.js';
import { measureStages, type StageFigures } from './bench-fetcher/stages.js';
import { dropNamespace } from './demo/drop-namespace.js';
import { openInfrastructure } from './infrastructure/infrastructure.js';
import { freePorts } from './infrastructure/ports.js';
import { defaultDataFolder } from './project.js';
import { formatTable } from './start/summary.js';
import { Services, type Listening } from './start/services.js';

const USAGE = 'npm run bench:fetcher -- [--records N,N,…] [--data DIR]';
const SIZES = '35000,200000,1000000';
const PARTITIONS = 12;

interface Figures {
  readonly fromBytes: ActFigures;
  readonly overHttp: ActFigures;
  readonly stages: StageFigures;
}

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { records: text, data: text, help: { type: 'boolean' } } });
  const sizes = (values.records ?? SIZES).split(',').map(Number);
  if (values.help === true || !sizes.every((size) => Number.isInteger(size) && size >= 500)) {
    process.stdout.write(`${USAGE}\n`);
    return values.help === true ? 0 : 64;
  }
  const folder = join(resolve(values.data ?? defaultDataFolder), 'bench-fetcher');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const namespace = `bench_fetcher_${randomBytes(4).toString('hex')}`;
  const infrastructure = await openInfrastructure({ dataFolder: folder, fresh: true, progress: say });
  const brokers = infrastructure.kafkaBrokers.split(',');
  const connection = new KafkaConnection({ brokers, clientId: 'bench-fetcher', log: () => undefined });
  const publisher = new LogPublisher(connection);
  try {
    await ensureTopics(connection, topicSpecs(namespace, PARTITIONS));
    await publisher.connect();
    const figures: Figures[] = [];
    for (const size of sizes) figures.push(await measureSize(size, folder, namespace, publisher));
    process.stdout.write(`${formatFigures(figures)}\n`);
  } finally {
    await publisher.close();
    if (process.env.KAFKA_BROKERS) await dropNamespace(infrastructure, namespace);
    await infrastructure.close();
  }
  return 0;
}

async function measureSize(
  size: number,
  folder: string,
  namespace: string,
  publisher: LogPublisher,
): Promise<Figures> {
  const services = new Services(folder, say);
  const [port] = await freePorts(1);
  const args = ['--port', String(port), '--data', join(folder, `sandbox-${size}`)];
  const options = ['--districts', '0', '--records', String(size)];
  try {
    const sandbox = await services.start({ name: 'sandbox', args: [...args, ...options], env: {} });
    say(`${size} records: taking the pages`);
    const pages = await CapturedPages.take(sandbox, join(folder, `pages-${size}`));
    try {
      return await measurePages(pages, sandbox, namespace, publisher);
    } finally {
      pages.close();
    }
  } finally {
    await services.close();
  }
}

/** The act from bytes comes first: its memory is then its own. */
async function measurePages(
  pages: CapturedPages,
  sandbox: Listening,
  namespace: string,
  publisher: LogPublisher,
): Promise<Figures> {
  const { districtId } = pages.source;
  const run = { namespace, partitions: PARTITIONS, districtId };
  const find = () => Promise.resolve(pages.source);
  const captured = {
    find,
    pages: (_: unknown, type: Parameters<CapturedPages['parts']>[0]) => pages.parts(type),
  };
  say(`${pages.records} records: from their bytes`);
  const fromBytes = await measureFetch(captured, publisher, { ...run, generation: 1 });
  say(`${fromBytes.recordsPerSecond} records/s; over HTTP`);
  const http = new HttpClient();
  const client = new OneRosterClient(http, discoveryOf(sandbox, http));
  const overHttp = await measureFetch(
    { find, pages: (_, type, signal) => client.pages(pages.source, type, signal) },
    publisher,
    { ...run, generation: 2 },
  );
  http.close();
  say(`${overHttp.recordsPerSecond} records/s; stage by stage`);
  return { fromBytes, overHttp, stages: measureStages(pages, PARTITIONS) };
}

function formatFigures(figures: readonly Figures[]): string {
  const row = (name: string, of: (figure: Figures) => string): string[] => [name, ...figures.map(of)];
  const micro = (value: number): string => value.toFixed(1);
  const send = ({ fromBytes, stages }: Figures): number =>
    fromBytes.cpuMicrosecondsPerRecord - Object.values(stages).reduce((sum, stage) => sum + stage, 0);
  const speed = [
    row('records', ({ fromBytes }) => String(fromBytes.records)),
    row('records/s from page bytes', ({ fromBytes }) => String(fromBytes.recordsPerSecond)),
    row('records/s over HTTP', ({ overHttp }) => String(overHttp.recordsPerSecond)),
    row('peak memory from page bytes, MB', ({ fromBytes }) => String(fromBytes.peakMegabytes)),
    row('peak memory over HTTP, MB', ({ overHttp }) => String(overHttp.peakMegabytes)),
  ];
  const cpu = [
    row('parse', ({ stages }) => micro(stages.parse)),
    row('read and canonicalise', ({ stages }) => micro(stages.readAndCanonicalise)),
    row('fingerprint', ({ stages }) => micro(stages.fingerprint)),
    row('identify and pack', ({ stages }) => micro(stages.identifyAndPack)),
    row('send', (figure) => micro(send(figure))),
    row('together, from page bytes', ({ fromBytes }) => micro(fromBytes.cpuMicrosecondsPerRecord)),
    row('together, over HTTP', ({ overHttp }) => micro(overHttp.cpuMicrosecondsPerRecord)),
  ];
  return `${formatTable(speed)}\n\nCPU microseconds per record\n${formatTable(cpu)}`;
}

process.exitCode = await main();
