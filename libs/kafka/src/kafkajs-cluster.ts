// kafkajs' own cluster object, which it does not export: leaders, brokers and raw requests without a group.
// Reached through a private symbol, so kafkajs is pinned exactly and kafkajs-cluster.spec.ts fails when it changes.
import type { Kafka } from 'kafkajs';

export const CREATE_CLUSTER = 'private:Kafka:createCluster';

export interface FetchedRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly isControlRecord?: boolean;
}

export interface FetchRequest {
  readonly isolationLevel: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: {
    readonly topic: string;
    readonly partitions: {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}

export interface Broker {
  fetch(request: FetchRequest): Promise<{
    responses: {
      topicName: string;
      partitions: { partition: number; highWatermark: string; messages: FetchedRecord[] }[];
    }[];
  }>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findBroker(broker: { nodeId: string }): Promise<Broker>;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
  removeBroker(broker: { host: string; port: number }): void;
}

type CreateCluster = (options: {
  metadataMaxAge: number;
  allowAutoTopicCreation: boolean;
  isolationLevel: number;
}) => Cluster;

/** Everything in our topics is written outside transactions, so uncommitted is all there is. */
export const READ_UNCOMMITTED = 0;
const METADATA_MAX_AGE_MS = 300_000;

export function openCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    (candidate) => candidate.description === CREATE_CLUSTER,
  );
  const create: unknown = symbol && Reflect.get(kafka, symbol);
  if (typeof create !== 'function')
    throw new Error(`this kafkajs has no ${CREATE_CLUSTER}; libs/kafka needs 2.2.4`);
  return (create as CreateCluster)({
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    isolationLevel: READ_UNCOMMITTED,
  });
}
