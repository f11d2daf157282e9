import { BatchServer } from '#batch-transport';
import { topicNames, topicSpecs } from '#contracts';
import { ensureTopics, KafkaConnection } from '#kafka';
import { Health, type ServiceOptions } from '#service';
import { ReconcilerConfig } from './reconciler.config.js';
import { RawLogConsumer } from './raw-log.consumer.js';
import { connectionOf, ReconcilerModule } from './reconciler.module.js';

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
  prepare: (config, log) =>
    ensureTopics(
      connectionOf(config, log),
      topicSpecs(config.ROLLCALL_NAMESPACE, config.ROLLCALL_PARTITIONS),
    ),
  strategy: (app, { ROLLCALL_NAMESPACE }) => {
    const { raw } = topicNames(ROLLCALL_NAMESPACE);
    const consumer = app.get(RawLogConsumer);
    let joined = false;
    app.get(Health).register('consumer', () => {
      if (!joined) throw new Error('the group is not joined yet');
    });
    return new BatchServer({
      connection: app.get(KafkaConnection),
      groupId: `${ROLLCALL_NAMESPACE}.reconciler`,
      topics: { raw },
      onAssigned: (assignment) => {
        joined = true;
        consumer.assigned(assignment[raw] ?? []);
      },
      ...MEMORY_BOUNDS,
    });
  },
};
