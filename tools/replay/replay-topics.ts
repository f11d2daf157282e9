/*
 * Replays whole change topics into the namespace's own database or into another one. Another one gets the list of the
 * erased first: until an erasure is complete, the topics still say what it is to keep away.
 */
import { topicNames, type EntityType } from '#contracts';
import { KafkaConnection, LogReader } from '#kafka';
import { Health, ServiceLog } from '#service';
import { PersisterConfig } from '../../apps/persister/src/persister.config.js';
import { RosterDatabase } from '../../apps/persister/src/roster-store/roster-database.js';
import { PostgresRosterStore } from '../../apps/persister/src/roster-store/roster.store.js';
import { copySuppressions } from '../../apps/persister/src/roster-store/suppressions-copy.js';
import { WatermarkStore } from '../../apps/persister/src/roster-store/watermark.store.js';
import { checkPartitions } from '../verify/partition-check.js';
import { Replay, type Replayed } from './replay.js';

const SIDE_BY_SIDE = 4;

/** Into the database of that name, made and migrated if it is missing. */
export async function replayTopics(
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
    if (into !== config.ROLLCALL_NAMESPACE) await takeList(config, database);
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

async function takeList(config: PersisterConfig, into: RosterDatabase): Promise<void> {
  const own = new RosterDatabase(config, new ServiceLog('tools', 'error'), new Health());
  try {
    await copySuppressions(own, into);
  } finally {
    await own.onApplicationShutdown();
  }
}
