import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topicNames, topicSpecs } from '#contracts';
import { ensureTopics, KafkaConnection, NamespaceWipe } from '#kafka';
import { ConfigError } from '#service';
import { scratchNamespace } from '../../apps/persister/src/roster-store/scratch-roster.js';
import { checkPartitions } from './partition-check.js';
import { Stores, StoresConfig } from './stores.js';

const PARTITIONS = 3;

describe('stores', () => {
  const namespace = scratchNamespace();
  const config = new StoresConfig();
  let connection: KafkaConnection;
  beforeAll(async () => {
    config.ROLLCALL_NAMESPACE = namespace;
    config.KAFKA_BROKERS = (process.env['KAFKA_BROKERS'] ?? '').split(',');
    config.REDIS_URL = process.env['REDIS_URL'] ?? '';
    config.DATABASE_URL = process.env['DATABASE_URL'] ?? '';
    connection = new KafkaConnection({
      brokers: config.KAFKA_BROKERS,
      clientId: 'spec',
      log: () => undefined,
    });
    await ensureTopics(connection, topicSpecs(namespace, PARTITIONS));
  });
  afterAll(async () => {
    const topics = topicSpecs(namespace, 1).map(({ topic }) => topic);
    await new NamespaceWipe(connection).wipe({ topics, groupPrefix: `${namespace}.` });
  });

  async function openWith(partitions: number): Promise<void> {
    config.ROLLCALL_PARTITIONS = partitions;
    await (await Stores.open(config)).close();
  }

  it.each([2, 4])('are not opened by %d partitions where the topics have 3', async (partitions) => {
    const opening = openWith(partitions);
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
    await expect(opening).rejects.toThrow(
      `ROLLCALL_PARTITIONS is ${partitions}, but topic ${topicNames(namespace).raw} has 3 partitions`,
    );
  });

  it('are opened by the number that the topics have', async () => {
    await openWith(PARTITIONS);
  });

  it('are not opened where one topic has another number than the rest', async () => {
    const { raw, reports } = topicNames(namespace);
    await expect(checkPartitions(connection, [raw, reports], PARTITIONS)).rejects.toThrow(
      `ROLLCALL_PARTITIONS is 3, but topic ${reports} has 1 partition:`,
    );
  });
});
