// Sends record batches to the leaders of their partitions and gives the offsets they got. A batch that its leader did
// not acknowledge for a passing reason is sent again alone; so a repeat is possible, a gap in a partition is not.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { KafkaCompression } from './kafka-settings.js';
import type { KafkaConnection } from './kafka-connection.client.js';
import { UnacknowledgedError } from './kafka.errors.js';
import { errorOfCode } from './kafkajs-cluster.js';
import type { OutMessage } from './log-messages.js';
import { produceRequest, type PlacedBatch, type ProduceAnswer } from './produce-request.js';
import { encodeRecords, type RecordBatch } from './record-batch.js';
import { SteadyCluster, UnknownPartitionError } from './steady-cluster.js';

/** What one send holds for one partition; each partition at most once a send. */
export interface Unsent {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly OutMessage[];
}

/** Level 6, which is usual, is twice the CPU for little. */
const GZIP = { level: 1 };
const gzipAsync = promisify<Buffer, { level: number }, Buffer>(gzip);

export class ProduceClient {
  private readonly cluster: SteadyCluster;
  private readonly compression: KafkaCompression;

  constructor(connection: KafkaConnection) {
    this.cluster = new SteadyCluster(connection);
    this.compression = connection.compression;
  }

  connect(): Promise<void> {
    return this.cluster.ridingOut(() => Promise.resolve());
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  /** The offset of the first message of each, when all in-sync replicas have all of them. */
  async send<T extends Unsent>(all: readonly T[]): Promise<ReadonlyMap<T, bigint>> {
    const offsets = new Map<T, bigint>();
    const placed = new Map<T, PlacedBatch>();
    for (const one of all) placed.set(one, await toPlacedBatch(one, this.compression));
    await this.cluster.ridingOut(async () => {
      const byLeader = await this.byLeader(all.filter((one) => !offsets.has(one)));
      const sends = [...byLeader].map(async ([nodeId, group]) => {
        const batches = group.flatMap((one) => placed.get(one) ?? []);
        const broker = await this.cluster.brokerOf(nodeId);
        noteOffsets(group, await broker.connectionPool.send(produceRequest(batches)), offsets);
      });
      const failed = (await Promise.allSettled(sends)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    });
    return offsets;
  }

  /** As `send`, but in one request and never again: null if nobody knows whether it arrived, or still will. */
  async sendOnce(one: Unsent): Promise<{ readonly offset: bigint } | null> {
    const placed = await toPlacedBatch(one, this.compression);
    return this.cluster.sendingOnce(
      async () => this.cluster.brokerOf(await this.leaderOf(one)),
      async (broker) => {
        const offsets = new Map<Unsent, bigint>();
        noteOffsets([one], await broker.connectionPool.send(produceRequest([placed])), offsets);
        return { offset: offsets.get(one) ?? -1n };
      },
    );
  }

  private async byLeader<T extends Unsent>(unsent: readonly T[]): Promise<ReadonlyMap<string, T[]>> {
    const groups = new Map<string, T[]>();
    for (const one of unsent) {
      const leader = await this.leaderOf(one);
      const group = groups.get(leader);
      if (group === undefined) groups.set(leader, [one]);
      else group.push(one);
    }
    return groups;
  }

  private async leaderOf({ topic, partition }: Unsent): Promise<string> {
    try {
      return await this.cluster.leaderOf(topic, partition);
    } catch (error) {
      if (!(error instanceof UnknownPartitionError)) throw error;
      throw new UnacknowledgedError(topic, partition, { cause: error });
    }
  }
}

async function toPlacedBatch(
  { topic, partition, messages }: Unsent,
  compression: KafkaCompression,
): Promise<PlacedBatch> {
  const plain = encodeRecords(messages);
  const records = compression === 'gzip' ? await gzipAsync(plain, GZIP) : plain;
  const batch: RecordBatch = { count: messages.length, timestamp: Date.now(), compression, records };
  return { topic, partition, batch };
}

/** Notes what was acknowledged, then throws for the first that was not. */
function noteOffsets<T extends Unsent>(
  group: readonly T[],
  answers: readonly ProduceAnswer[],
  offsets: Map<T, bigint>,
): void {
  let failure: Error | undefined;
  for (const one of group) {
    const answer = answers.find(({ topic, partition }) => topic === one.topic && partition === one.partition);
    if (answer?.errorCode === 0) offsets.set(one, answer.baseOffset);
    else
      failure ??= answer ? errorOfCode(answer.errorCode) : new UnacknowledgedError(one.topic, one.partition);
  }
  if (failure !== undefined) throw failure;
}
