// Reads a range of one partition without a group: nothing is committed, nothing rebalances, any number side by side.
// It brings every message of [from, to) that the log still holds, in order, or throws: OffsetOutOfRangeError where the
// log no longer (or not yet) reaches, LogStalledError where it answers nothing below its own end. Leader changes and
// broker restarts are ridden out for RIDE_OUT_MS without progress; then the last error is thrown unchanged.
import type { Cluster, FetchedRecord } from './kafkajs-cluster.js';
import { READ_UNCOMMITTED } from './kafkajs-cluster.js';
import type { KafkaConnection } from './kafka-connection.client.js';
import { LogStalledError, OffsetOutOfRangeError } from './kafka.errors.js';
import type { LogMessage } from './log-messages.js';
import { toLogMessage } from './log-messages.js';
import { SteadyCluster, UnknownPartitionError } from './steady-cluster.js';

/** At least twice max.message.bytes, so that a batch emptied by compaction never hides the next one. */
const FETCH_BYTES = 4 * 1024 * 1024;
const FETCH_WAIT_MS = 100;
const MAX_EMPTY_ANSWERS = 50;

interface Fetched {
  readonly records: readonly FetchedRecord[];
  readonly highWatermark: bigint;
}

export class LogReader {
  private readonly cluster: SteadyCluster;

  constructor(connection: KafkaConnection) {
    this.cluster = new SteadyCluster(connection);
  }

  /** First offset still in the log, and the offset the next message will get. */
  ends(topic: string, partition: number): Promise<{ start: bigint; end: bigint }> {
    return this.cluster.ridingOut(async (cluster) => {
      await this.cluster.leaderOf(topic, partition); // throws where there is no such partition
      const start = await offsetOf(cluster, topic, partition, true);
      return { start, end: await offsetOf(cluster, topic, partition, false) };
    });
  }

  /**
   * The messages of [from, to), a fetch at a time; `to` must not be above the end of the log. A fetch brings about
   * `fetchBytes`, and always a whole batch; only on a topic that is never compacted may it be less than the default.
   */
  async *read(
    topic: string,
    partition: number,
    from: bigint,
    to: bigint,
    fetchBytes = FETCH_BYTES,
  ): AsyncIterable<readonly LogMessage[]> {
    let next = from;
    let emptyAnswers = 0;
    while (next < to) {
      const { records, highWatermark } = await this.fetch(topic, partition, next, fetchBytes);
      const last = records.at(-1);
      const reached = last === undefined ? next : BigInt(last.offset) + 1n;
      if (reached <= next) {
        if (++emptyAnswers >= MAX_EMPTY_ANSWERS)
          throw new LogStalledError(topic, partition, next, to, highWatermark);
        continue;
      }
      emptyAnswers = 0;
      const messages = within(records, next, to);
      next = reached;
      if (messages.length > 0) yield messages;
    }
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  private async fetch(topic: string, partition: number, offset: bigint, maxBytes: number): Promise<Fetched> {
    try {
      return await this.cluster.ridingOut(() => this.fetchOnce(topic, partition, offset, maxBytes));
    } catch (error) {
      if (!isOutOfRange(error)) throw error;
      throw new OffsetOutOfRangeError(topic, partition, offset, { cause: error });
    }
  }

  private async fetchOnce(
    topic: string,
    partition: number,
    offset: bigint,
    maxBytes: number,
  ): Promise<Fetched> {
    const broker = await this.cluster.brokerOf(await this.cluster.leaderOf(topic, partition));
    const request = { partition, fetchOffset: offset.toString(), maxBytes };
    const { responses } = await broker.fetch({
      isolationLevel: READ_UNCOMMITTED,
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes,
      topics: [{ topic, partitions: [request] }],
    });
    const answer = responses[0]?.partitions[0];
    return { records: answer?.messages ?? [], highWatermark: BigInt(answer?.highWatermark ?? -1) };
  }
}

async function offsetOf(
  cluster: Cluster,
  topic: string,
  partition: number,
  fromBeginning: boolean,
): Promise<bigint> {
  const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }]);
  const offset = answer?.partitions[0]?.offset;
  if (offset === undefined) throw new UnknownPartitionError(topic, partition);
  return BigInt(offset);
}

function isOutOfRange(error: unknown): error is Error {
  return error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange';
}

function within(records: readonly FetchedRecord[], from: bigint, to: bigint): LogMessage[] {
  const messages: LogMessage[] = [];
  for (const record of records) {
    if (record.isControlRecord) continue;
    const message = toLogMessage(record);
    if (message.offset >= from && message.offset < to) messages.push(message);
  }
  return messages;
}
