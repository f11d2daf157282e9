// Kafka's Produce request, version 7 (brokers from 2.1 on): laid out here, sent over kafkajs' connections.
import type { ProtocolRequest } from './kafkajs-cluster.js';
import { batchBytes, writeBatch, type RecordBatch } from './record-batch.js';

export interface PlacedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
}

/** What the leader said of one batch; `errorCode` 0 is an acknowledgement. */
export interface ProduceAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: bigint;
}

const PRODUCE = { apiKey: 0, apiVersion: 7, apiName: 'Produce' } as const;
const ACKS_FROM_ALL = -1;
const BROKER_WAITS_MS = 30_000;
const NO_TRANSACTION = -1;
/** Log append time and log start offset, which nobody asks for. */
const SKIPPED_BYTES = 16;

/** `clientSideThrottleTime`: how long the broker wants to be left alone; kafkajs sees to it. */
export interface Produced {
  readonly answers: readonly ProduceAnswer[];
  readonly clientSideThrottleTime: number;
}

/** Acknowledged by all in-sync replicas when it is answered. */
export function produceRequest(
  batches: readonly PlacedBatch[],
): ProtocolRequest<readonly ProduceAnswer[], Produced> {
  return {
    request: {
      ...PRODUCE,
      expectResponse: () => true,
      encode: () => {
        const buffer = encodeProduce(batches);
        return Promise.resolve({ buf: buffer, buffer });
      },
    },
    response: {
      decode: (bytes) => Promise.resolve(decodeProduced(bytes)),
      parse: ({ answers }) => Promise.resolve(answers),
    },
  };
}

export function encodeProduce(batches: readonly PlacedBatch[]): Buffer {
  const byTopic = new Map<string, PlacedBatch[]>();
  for (const placed of batches) {
    const ofTopic = byTopic.get(placed.topic);
    if (ofTopic === undefined) byTopic.set(placed.topic, [placed]);
    else ofTopic.push(placed);
  }
  let total = 12;
  for (const topic of byTopic.keys()) total += 6 + Buffer.byteLength(topic);
  for (const { batch } of batches) total += 8 + batchBytes(batch);
  const bytes = Buffer.allocUnsafe(total);
  bytes.writeInt16BE(NO_TRANSACTION, 0);
  bytes.writeInt16BE(ACKS_FROM_ALL, 2);
  bytes.writeInt32BE(BROKER_WAITS_MS, 4);
  bytes.writeInt32BE(byTopic.size, 8);
  let at = 12;
  for (const [topic, ofTopic] of byTopic) at = writeTopic(bytes, at, topic, ofTopic);
  return bytes;
}

function writeTopic(bytes: Buffer, start: number, topic: string, batches: readonly PlacedBatch[]): number {
  const nameBytes = bytes.write(topic, start + 2);
  bytes.writeInt16BE(nameBytes, start);
  bytes.writeInt32BE(batches.length, start + 2 + nameBytes);
  let at = start + 6 + nameBytes;
  for (const { partition, batch } of batches) {
    bytes.writeInt32BE(partition, at);
    bytes.writeInt32BE(batchBytes(batch), at + 4);
    at = writeBatch(bytes, at + 8, batch);
  }
  return at;
}

export function decodeProduced(bytes: Buffer): Produced {
  const answers: ProduceAnswer[] = [];
  let at = 4;
  for (let topics = bytes.readInt32BE(0); topics > 0; topics -= 1) {
    const nameEnd = at + 2 + bytes.readInt16BE(at);
    const topic = bytes.toString('utf8', at + 2, nameEnd);
    at = nameEnd + 4;
    for (let partitions = bytes.readInt32BE(nameEnd); partitions > 0; partitions -= 1) {
      const [partition, errorCode] = [bytes.readInt32BE(at), bytes.readInt16BE(at + 4)];
      answers.push({ topic, partition, errorCode, baseOffset: bytes.readBigInt64BE(at + 6) });
      at += 14 + SKIPPED_BYTES;
    }
  }
  return { answers, clientSideThrottleTime: bytes.readInt32BE(at) };
}
