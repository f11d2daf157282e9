/** Measures the persister alone, from full change topics: new rows, updates, and a replay of what is applied already. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { topicSpecs } from '#contracts';
import { ensureTopics, KafkaConnection, LogPublisher, NamespaceWipe } from '#kafka';
import { FILLED_TYPES, fillTopics } from './bench-persister/fill-topics.js';
import { measurePersisting, type PersistFigures } from './bench-persister/persist-act.js';
import { dropNamespace } from './demo/drop-namespace.js';
import { withDatabase } from './demo/rows.js';
import { openInfrastructure, type Infrastructure } from './infrastructure/infrastructure.js';
import { defaultDataFolder } from './project.js';
import { formatTable } from './start/summary.js';

const USAGE = 'npm run bench:persister -- [--records N] [--json] [--data DIR]';
const PARTITIONS = 12;
const LINES = FILLED_TYPES.length * PARTITIONS;

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { records: text, data: text, json: flag, help: flag } });
  const records = Number(values.records ?? 400_000);
  if (values.help || !Number.isInteger(records) || records < 10_000 || records > 2_000_000) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 64;
  }
  const folder = join(resolve(values.data ?? defaultDataFolder), 'bench-persister');
  mkdirSync(folder, { recursive: true });
  const namespace = `bench_persister_${randomBytes(4).toString('hex')}`;
  const env = { ...process.env, ROLLCALL_NAMESPACE: namespace };
  const infrastructure = await openInfrastructure({ dataFolder: folder, fresh: true, progress: say, env });
  try {
    const figures = await measure(infrastructure, namespace, records);
    process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : `${formatFigures(figures)}\n`);
  } finally {
    if (process.env.KAFKA_BROKERS) await dropNamespace(infrastructure, namespace);
    await infrastructure.close();
  }
  return 0;
}

async function measure(
  { kafkaBrokers, databaseUrl }: Infrastructure,
  namespace: string,
  records: number,
): Promise<readonly PersistFigures[]> {
  const connection = new KafkaConnection({
    brokers: kafkaBrokers.split(','),
    clientId: 'bench-persister',
    log: () => undefined,
  });
  const publisher = new LogPublisher(connection);
  await ensureTopics(connection, topicSpecs(namespace, PARTITIONS));
  await publisher.connect();
  const env = {
    ...{ KAFKA_BROKERS: kafkaBrokers, DATABASE_URL: databaseUrl, ROLLCALL_NAMESPACE: namespace },
    ...{ ROLLCALL_PARTITIONS: String(PARTITIONS), LOG_LEVEL: 'info' },
  };
  const filling = { namespace, partitions: PARTITIONS, records };
  try {
    return await withDatabase(databaseUrl, async (client) => {
      const act = (name: string, generation: number) =>
        measurePersisting(name, env, client, { generation, lines: LINES });
      await fillTopics(publisher, { ...filling, generation: 5, verb: 'created' });
      say('topics are filled');
      const created = await act('new rows', 5);
      await fillTopics(publisher, { ...filling, generation: 6, verb: 'updated' });
      const updated = await act('updates', 6);
      // Without its offsets the group begins at the start of every topic again.
      await new NamespaceWipe(connection).wipe({ topics: [], groupPrefix: `${namespace}.persister` });
      return [created, updated, await act('replay', 6)];
    });
  } finally {
    await publisher.close();
  }
}

function formatFigures(figures: readonly PersistFigures[]): string {
  const cpu = (part: string) =>
    figures.map((one) => one.cpuSecondsPerMillion[part]?.toFixed(1) ?? 'not seen');
  return formatTable([
    ['', ...figures.map(({ act }) => act)],
    ['events', ...figures.map(({ events }) => String(events))],
    ['rows written', ...figures.map(({ written }) => String(written))],
    ['events/s', ...figures.map(({ eventsPerSecond }) => String(eventsPerSecond))],
    ['persister, CPU s per million', ...cpu('persister')],
    ['Postgres, CPU s per million', ...cpu('postgres')],
    ['Postgres WAL, MB', ...figures.map(({ walBytes }) => (walBytes / 1e6).toFixed(1))],
  ]);
}

process.exitCode = await main();
