import { topicNames, topicSpecs } from '#contracts';
import { BatchServer, KafkaConnection, TopicRegistry } from '#kafka';
import { Health, type ServiceOptions } from '#service';
import { ReconcilerConfig } from './reconciler.config.js';
import { ReconcilerModule } from './reconciler.module.js';

/**
 * What is in memory at once: one fetch, and what four partitions make of their batches; more of either is not faster
 * on one thread. The raw log is not compacted, so a fetch need not hold two of the largest batches.
 */
const MEMORY_BOUNDS = {
  partitionsConsumedConcurrently: 4,
  maxBytesPerPartition: 512 * 1024,
  maxBytes: 2 * 1024 * 1024,
};

/** How the reconciler starts: its topics, its module, and one consumer of the raw log. */
export const RECONCILER: ServiceOptions<ReconcilerConfig> = {
  name: 'reconciler',
  config: ReconcilerConfig,
  module: () => ReconcilerModule,
  prepare: ensureTopics,
  strategy: (app, { ROLLCALL_NAMESPACE }) => {
    let joined = false;
    app.get(Health).register('consumer', () => {
      if (!joined) throw new Error('the group is not joined yet');
    });
    return new BatchServer({
      connection: app.get(KafkaConnection),
      groupId: `${ROLLCALL_NAMESPACE}.reconciler`,
      topics: { raw: topicNames(ROLLCALL_NAMESPACE).raw },
      onAssigned: () => (joined = true),
      ...MEMORY_BOUNDS,
    });
  },
};

async function ensureTopics(config: ReconcilerConfig): Promise<void> {
  const { KAFKA_BROKERS, ROLLCALL_NAMESPACE, ROLLCALL_PARTITIONS } = config;
  const connection = new KafkaConnection({ brokers: KAFKA_BROKERS, clientId: 'rollcall-reconciler' });
  const registry = new TopicRegistry(connection);
  try {
    await registry.ensure(topicSpecs(ROLLCALL_NAMESPACE, ROLLCALL_PARTITIONS));
  } finally {
    await registry.close();
  }
}
