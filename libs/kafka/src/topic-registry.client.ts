// Topics are created as specified, or compared with the specification and refused; never altered (altering a
// configuration replaces all of it). Several services may do this at once.
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';
import kafkajs from 'kafkajs';
import type { TopicSpec } from '#contracts';
import type { KafkaConnection } from './kafka-connection.client.js';
import { TopicMismatchError } from './kafka.errors.js';

const VISIBLE_WITHIN_MS = 30_000;
const LOOK_AGAIN_MS = 100;
const PROBE_GROUP = 'rollcall-probe';

/** As TopicRegistry.ensure, on a registry of its own. */
export async function ensureTopics(connection: KafkaConnection, specs: readonly TopicSpec[]): Promise<void> {
  const registry = new TopicRegistry(connection);
  try {
    await registry.ensure(specs);
  } finally {
    await registry.close();
  }
}

export class TopicRegistry {
  private readonly admin: Admin;
  private readonly replication: number;

  constructor(connection: KafkaConnection) {
    this.admin = connection.admin();
    this.replication = connection.replication;
  }

  /** When it resolves, every topic exists as specified, has leaders, and groups have a coordinator. */
  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    await this.admin.connect();
    const existing = new Set(await this.admin.listTopics());
    const missing = specs.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) await this.create(missing);
    await this.comparePartitions(specs);
    await this.compareConfigs(specs);
    await this.admin.describeGroups([PROBE_GROUP]);
  }

  close(): Promise<void> {
    return this.admin.disconnect();
  }

  private async create(specs: readonly TopicSpec[]): Promise<void> {
    const topics: ITopicConfig[] = specs.map((spec) => ({
      topic: spec.topic,
      numPartitions: spec.partitions,
      replicationFactor: this.replication,
      configEntries: Object.entries(this.configOf(spec)).map(([name, value]) => ({ name, value })),
    }));
    try {
      await this.admin.createTopics({ topics, waitForLeaders: false });
    } catch (error) {
      if (!onlyExistsAlready(error)) throw error;
    }
  }

  private configOf(spec: TopicSpec): Readonly<Record<string, string>> {
    return this.replication >= 3 ? { ...spec.config, 'min.insync.replicas': '2' } : spec.config;
  }

  private async comparePartitions(specs: readonly TopicSpec[]): Promise<void> {
    const counts = await this.partitionCounts(specs.map(({ topic }) => topic));
    for (const { topic, partitions } of specs) {
      const found = counts.get(topic);
      if (found !== partitions)
        throw new TopicMismatchError(topic, 'partitions', String(partitions), String(found));
    }
  }

  /** A topic just created takes a moment to be known to every broker and to have leaders. */
  private async partitionCounts(topics: string[]): Promise<Map<string, number>> {
    const giveUpAt = Date.now() + VISIBLE_WITHIN_MS;
    for (;;) {
      try {
        const { topics: found } = await this.admin.fetchTopicMetadata({ topics });
        if (found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) {
          return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
        }
      } catch (error) {
        if (!isNotYetVisible(error) || Date.now() >= giveUpAt) throw error;
      }
      if (Date.now() >= giveUpAt) throw new Error(`topics without a leader: ${topics.join(', ')}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  private async compareConfigs(specs: readonly TopicSpec[]): Promise<void> {
    const { resources } = await this.admin.describeConfigs({
      includeSynonyms: false,
      resources: specs.map((spec) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: spec.topic,
        configNames: Object.keys(this.configOf(spec)),
      })),
    });
    for (const spec of specs) {
      const entries = resources.find(({ resourceName }) => resourceName === spec.topic)?.configEntries ?? [];
      for (const [key, expected] of Object.entries(this.configOf(spec))) {
        const found = entries.find(({ configName }) => configName === key)?.configValue ?? 'nothing';
        if (normal(found) !== normal(expected))
          throw new TopicMismatchError(spec.topic, key, expected, found);
      }
    }
  }
}

/** Lists such as `compact,delete` mean the same in any order. */
function normal(value: string): string {
  return value
    .split(',')
    .map((part) => part.trim())
    .sort()
    .join(',');
}

function onlyExistsAlready(error: unknown): boolean {
  if (!(error instanceof kafkajs.KafkaJSAggregateError)) return false;
  return error.errors.every(
    (one) => typeof one === 'object' && 'type' in one && one.type === 'TOPIC_ALREADY_EXISTS',
  );
}

function isNotYetVisible(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'KafkaJSNumberOfRetriesExceeded') return isNotYetVisible(error.cause);
  return (
    'type' in error && (error.type === 'UNKNOWN_TOPIC_OR_PARTITION' || error.type === 'LEADER_NOT_AVAILABLE')
  );
}
