import { randomUUID } from 'node:crypto';
import { describe } from '@jest/globals';
import { decodeReport, encodeRawMessage, topicNames, topicSpecs } from '#contracts';
import { KafkaConnection, LogPublisher, LogReader, NamespaceWipe, TopicRegistry } from '#kafka';
import { Metrics } from '#service';
import { Kafka, logLevel } from 'kafkajs';
import { contractOfLogs, type LogsGround } from '../test/logs.contract.js';
import { KafkaLogs } from './kafka.logs.js';
import { RawDecoder } from './raw-decoder.publisher.js';
import { ReconcilerConfig } from './reconciler.config.js';

const PARTITIONS = 2;

async function open(): Promise<LogsGround> {
  if (!process.env['KAFKA_BROKERS']) throw new Error('KAFKA_BROKERS names no broker for this spec.');
  const config = new ReconcilerConfig();
  config.KAFKA_BROKERS = process.env['KAFKA_BROKERS'].split(',');
  config.ROLLCALL_NAMESPACE = `spec_${randomUUID().slice(0, 8)}`;
  const settings = { brokers: config.KAFKA_BROKERS, clientId: 'spec' };
  const connection = new KafkaConnection(settings);
  const metrics = new Metrics('spec');
  const decoder = new RawDecoder(connection, config, metrics);
  const logs = new KafkaLogs(connection, config, metrics, decoder);
  const registry = new TopicRegistry(connection);
  await registry.ensure(topicSpecs(config.ROLLCALL_NAMESPACE, PARTITIONS));
  await registry.close();
  const publisher = new LogPublisher(connection);
  const reader = new LogReader(connection);
  const admin = new Kafka({ ...settings, brokers: [...settings.brokers], logLevel: logLevel.ERROR }).admin();
  await Promise.all([decoder.onModuleInit(), logs.onModuleInit(), publisher.connect(), admin.connect()]);
  const { raw, reports, deadLetters, snapshots, changes } = topicNames(config.ROLLCALL_NAMESPACE);
  return {
    logs,
    appendRaw: (partition, messages) =>
      publisher.publish(
        raw,
        messages.map((message) => ({ partition, key: null, value: encodeRawMessage(message) })),
      ),
    async cutRaw(partition, below) {
      await admin.fetchTopicOffsets(raw); // loads the metadata that the next call wants
      await admin.deleteTopicRecords({ topic: raw, partitions: [{ partition, offset: String(below) }] });
    },
    async reports() {
      const { start, end } = await reader.ends(reports, 0);
      const all = [];
      for await (const batch of reader.read(reports, 0, start, end)) {
        for (const { value } of batch) if (value !== null) all.push(decodeReport(value));
      }
      return all;
    },
    async close() {
      await Promise.all([logs.onApplicationShutdown(), decoder.onApplicationShutdown()]);
      await Promise.all([publisher.close(), reader.close(), admin.disconnect()]);
      const topics = [raw, reports, deadLetters, snapshots, ...Object.values(changes)];
      await new NamespaceWipe(connection).wipe({ topics, groupPrefix: `${config.ROLLCALL_NAMESPACE}.` });
    },
  };
}

describe('the logs in Kafka', () => {
  contractOfLogs(open);
});
