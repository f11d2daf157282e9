// Reads a range of one partition without a group: nothing is committed, nothing rebalances, any number side by side.
// It brings every message of [from, to) that the log still holds, in order, or throws: OffsetOutOfRangeError where the
// log no longer (or not yet) reaches, LogStalledError where it answers nothing below its own end. Leader changes and
// broker restarts are ridden out for RIDE_OUT_MS without progress; then the last error is thrown unchanged.
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster, FetchedRecord } from './kafkajs-cluster.js';
import { READ_UNCOMMITTED } from './kafkajs-cluster.js';
import type { KafkaConnection } from './kafka-connection.client.js';
import { LogStalledError, OffsetOutOfRangeError } from './kafka.errors.js';
import type { LogMessage } from './log-messages.js';
import { toLogMessage } from './log-messages.js';

/** At least twice max.message.bytes, so that a batch emptied by compaction never hides the next one. */
const FETCH_BYTES = 4 * 1024 * 1024;
const FETCH_WAIT_MS = 100;
const MAX_EMPTY_ANSWERS = 50;
const RIDE_OUT_MS = 60_000;
const RETRY_PAUSE_MS = 250;

interface Fetched {
  readonly records: readonly FetchedRecord[];
  readonly highWatermark: bigint;
}

export class LogReader {
  private readonly cluster: Cluster;
  private connected: Promise<void> | undefined;
  private lastTurn: Promise<void> = Promise.resolve();

  constructor(connection: KafkaConnection) {
    this.cluster = connection.cluster();
  }

  /** First offset still in the log, and the offset the next message will get. */
  async ends(topic: string, partition: number): Promise<{ start: bigint; end: bigint }> {
    return this.ridingOut(async () => {
      await this.target(topic);
      const start = await this.offset(topic, partition, true);
      return { start, end: await this.offset(topic, partition, false) };
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

  async close(): Promise<void> {
    await this.lastTurn;
    if (this.connected === undefined) return;
    await this.cluster.disconnect();
    this.connected = undefined;
  }

  private fetch(topic: string, partition: number, offset: bigint, maxBytes: number): Promise<Fetched> {
    return this.ridingOut(async () => {
      await this.target(topic);
      await this.cluster.refreshMetadataIfNecessary();
      const broker = await this.cluster.findBroker({ nodeId: this.leader(topic, partition) });
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
    }, offset);
  }

  private async offset(topic: string, partition: number, fromBeginning: boolean): Promise<bigint> {
    this.leader(topic, partition);
    const answers = await this.cluster.fetchTopicsOffset([
      { topic, partitions: [{ partition }], fromBeginning },
    ]);
    const offset = answers[0]?.partitions[0]?.offset;
    if (offset === undefined) throw new UnknownPartitionError(topic, partition);
    return BigInt(offset);
  }

  private leader(topic: string, partition: number): string {
    const [nodeId] = Object.keys(this.cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new UnknownPartitionError(topic, partition);
    return nodeId;
  }

  private async target(topic: string): Promise<void> {
    this.connected ??= this.cluster.connect().catch((error: unknown) => {
      this.connected = undefined;
      throw error;
    });
    await this.connected;
    await this.cluster.addTargetTopic(topic);
  }

  /** Tries again while the cluster is merely in motion; every try begins with fresh metadata. */
  private async ridingOut<T>(request: () => Promise<T>, offset?: bigint): Promise<T> {
    const giveUpAt = Date.now() + RIDE_OUT_MS;
    for (;;) {
      try {
        return await this.inTurn(request);
      } catch (error) {
        if (isOutOfRange(error))
          throw new OffsetOutOfRangeError(error.topic, error.partition, offset ?? -1n, { cause: error });
        if (!isPassing(error) || Date.now() >= giveUpAt) throw error;
        await this.forget(error);
      }
    }
  }

  /** One request at a time: kafkajs opens a socket for each of several first requests, and leaks all but one. */
  private inTurn<T>(request: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(request);
    this.lastTurn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  private async forget(error: PassingError): Promise<void> {
    if (typeof error.host === 'string' && typeof error.port === 'number') {
      this.cluster.removeBroker({ host: error.host, port: error.port });
    }
    await pause(RETRY_PAUSE_MS);
    try {
      await this.cluster.refreshMetadata();
    } catch (refreshError) {
      if (!isPassing(refreshError)) throw refreshError;
    }
  }
}

class UnknownPartitionError extends Error {
  override readonly name = 'UnknownPartitionError';
  constructor(topic: string, partition: number) {
    super(`${topic} has no partition ${partition}`);
  }
}

interface PassingError extends Error {
  readonly host?: unknown;
  readonly port?: unknown;
}

/** Leader changes, closed connections, time-outs, brokers not yet up: kafkajs marks them, or wraps them when it gave up. */
function isPassing(error: unknown): error is PassingError {
  if (!(error instanceof Error)) return false;
  if (error.name === 'KafkaJSNumberOfRetriesExceeded') return isPassing(error.cause);
  return error.name === 'KafkaJSLockTimeout' || ('retriable' in error && error.retriable === true);
}

function isOutOfRange(error: unknown): error is Error & { topic: string; partition: number } {
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
