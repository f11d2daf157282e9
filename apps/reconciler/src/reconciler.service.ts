import { topicNames, topicSpecs } from '#contracts';
import { BatchServer, KafkaConnection, TopicRegistry } from '#kafka';
import { Health, type ServiceOptions } from '#service';
import { ReconcilerConfig } from './reconciler.config.js';
import { ReconcilerModule } from './reconciler.module.js';

/** How the reconciler starts: its topics, its module, and one consumer of the raw log. */
export const RECONCILER: ServiceOptions<ReconcilerConfig> = {
  name: 'reconciler',
  config: ReconcilerConfig,
  module: () => ReconcilerModule,
  prepare: ensureTopics,
  strategy: (app, { ROLLCALL_NAMESPACE, ROLLCALL_PARTITIONS }) => {
    let joined = false;
    app.get(Health).register('consumer', () => {
      if (!joined) throw new Error('the group is not joined yet');
    });
    return new BatchServer({
      connection: app.get(KafkaConnection),
      groupId: `${ROLLCALL_NAMESPACE}.reconciler`,
      topics: { raw: topicNames(ROLLCALL_NAMESPACE).raw },
      onAssigned: () => (joined = true),
      partitionsConsumedConcurrently: ROLLCALL_PARTITIONS,
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
