/** Rebuilds tables from the change topics alone, while everything runs, and proves them equal to the last watermarks. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { ENTITY_TYPES, isEntityType, topicNames, type EntityType } from '#contracts';
import { KafkaConnection, LogReader } from '#kafka';
import { Health, loadConfig, ServiceLog } from '#service';
import { PersisterConfig } from '../apps/persister/src/persister.config.js';
import { RosterDatabase } from '../apps/persister/src/roster-store/roster-database.js';
import { PostgresRosterStore } from '../apps/persister/src/roster-store/roster.store.js';
import { WatermarkStore } from '../apps/persister/src/roster-store/watermark.store.js';
import { toExitCode, UsageError } from './purge/command.js';
import { Replay, type Replayed } from './replay/replay.js';
import { exitCodeOf, toJson, toText } from './replay/telling.js';
import { checkPartitions } from './verify/partition-check.js';

const USAGE = `npm run replay -- [--type TYPE]... [--into DATABASE] [--json]
  reads the change topics of ROLLCALL_NAMESPACE from their start into schema roster of its database, or of another,
  which is made and migrated if it is missing; needs KAFKA_BROKERS, DATABASE_URL
  exit: 0 equal to the last watermark of every district, 2 not, or not seen to be: what differed changed again
  before it could be compared anew, 3 equal where it could be compared, which was not so for every district`;
const SIDE_BY_SIDE = 4;
const DATABASE = /^[a-z][a-z0-9_]{0,30}$/;

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { type: { ...text, multiple: true }, into: text, json: flag, help: flag },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const types = (values.type ?? ENTITY_TYPES).map((type) => {
    if (isEntityType(type)) return type;
    throw new UsageError(`--type is one of ${ENTITY_TYPES.join(', ')}`);
  });
  if (values.into !== undefined && !DATABASE.test(values.into))
    throw new UsageError('--into is 1 to 31 of a-z, 0-9 and _, beginning with a letter');
  const config = loadConfig(PersisterConfig);
  const replayed = await replay(config, types, values.into ?? config.ROLLCALL_NAMESPACE);
  process.stdout.write(values.json ? toJson(replayed) : toText(replayed));
  return exitCodeOf(replayed);
}

async function replay(
  config: PersisterConfig,
  types: readonly EntityType[],
  into: string,
): Promise<readonly Replayed[]> {
  const target = Object.assign(new PersisterConfig(), config, { ROLLCALL_NAMESPACE: into });
  const database = new RosterDatabase(target, new ServiceLog('tools', 'error'), new Health());
  const brokers = config.KAFKA_BROKERS;
  const connection = new KafkaConnection({ brokers, clientId: 'rollcall-replay', log: () => undefined });
  const reader = new LogReader(connection);
  const { changes } = topicNames(config.ROLLCALL_NAMESPACE);
  try {
    const topics = types.map((type) => changes[type]);
    await checkPartitions(connection, topics, config.ROLLCALL_PARTITIONS);
    await database.onModuleInit();
    const one = new Replay(reader, new PostgresRosterStore(database), new WatermarkStore(database, config));
    const places = types.flatMap((entityType) =>
      Array.from({ length: config.ROLLCALL_PARTITIONS }, (_, partition) => ({
        ...{ topic: changes[entityType], entityType, partition },
      })),
    );
    const replayed: Replayed[] = [];
    const workers = Array.from({ length: SIDE_BY_SIDE }, async () => {
      for (let place = places.shift(); place !== undefined; place = places.shift())
        replayed.push(await one.run(place));
    });
    await Promise.all(workers);
    return replayed;
  } finally {
    await reader.close();
    await database.onApplicationShutdown();
  }
}

process.exitCode = await toExitCode('replay', main);
