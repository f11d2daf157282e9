// kafkajs' own cluster object, which it does not export: leaders, brokers and raw requests without a group.
// Reached through a private symbol, so kafkajs is pinned exactly and kafkajs-cluster.spec.ts fails when it changes.
import { createRequire } from 'node:module';
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

/** A request of our own over kafkajs' connections, which see to correlation, time-outs, throttling and SASL. */
export interface ProtocolRequest<Answer, Decoded extends object = object> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    expectResponse(): boolean;
    /** Both are the same bytes: kafkajs looks at one and copies the other. */
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: {
    decode(bytes: Buffer): Promise<Decoded>;
    parse(decoded: Decoded): Promise<Answer>;
  };
}

export interface Broker {
  readonly connectionPool: {
    send<Answer, Decoded extends object>(request: ProtocolRequest<Answer, Decoded>): Promise<Answer>;
  };
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

const protocolErrors = createRequire(import.meta.url)('kafkajs/src/protocol/error') as {
  createErrorFromCode(code: number): Error;
};

/** The error kafkajs throws for an error code of the protocol; its `retriable` says whether it passes. */
export function errorOfCode(code: number): Error {
  return protocolErrors.createErrorFromCode(code);
}
