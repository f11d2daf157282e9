export { BatchConsumer, type BatchConsumerOptions, type BatchHandling } from './batch.consumer.js';
export { ConsumerLag } from './consumer-lag.client.js';
export { KafkaConnection } from './kafka-connection.client.js';
export type { KafkaCompression, KafkaLog, KafkaSettings } from './kafka-settings.js';
export {
  isLogError,
  LogStalledError,
  OffsetOutOfRangeError,
  PartitionLostError,
  TopicMismatchError,
  UnacknowledgedError,
} from './kafka.errors.js';
export type { BatchContext, LogBatch, LogMessage, OutMessage } from './log-messages.js';
export { LogReader } from './log-reader.client.js';
export { LogPublisher, type TopicBatch } from './log.publisher.js';
export { NamespaceWipe } from './namespace-wipe.client.js';
export { partitionCounts } from './partition-counts.client.js';
export { ensureTopics, TopicRegistry } from './topic-registry.client.js';
