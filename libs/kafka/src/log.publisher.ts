// Sends messages so that none is lost silently and those of one partition keep their order: acks from all replicas,
// one send in flight at a time (calls wait in line and are combined), no idempotence (with a lost acknowledgement
// sequence numbers would be reused, and acknowledged messages dropped). A repeat after an error is possible; versions
// make it harmless. A send counts only when every partition in it has answered.
import type { KafkaConnection } from './kafka-connection.client.js';
import { UnacknowledgedError } from './kafka.errors.js';
import type { OutMessage } from './log-messages.js';
import { ProduceClient, type Unsent } from './produce.client.js';
import type { Outgoing } from './send-chunks.js';
import { messageBytes, SEND_LIMITS, takeSend } from './send-chunks.js';

export interface TopicBatch {
  readonly topic: string;
  readonly messages: readonly OutMessage[];
}

/** One call: settled once with its first error, or when its last message was acknowledged. */
interface Call {
  missing: number;
  readonly offsets: bigint[];
  readonly settle: (error?: unknown) => void;
}

interface Waiting extends Outgoing {
  readonly call: Call;
  readonly index: number;
}

export class LogPublisher {
  private readonly producer: ProduceClient;
  private waiting: Waiting[] = [];
  private sending: Promise<void> | undefined;
  private closed = false;

  constructor(connection: KafkaConnection) {
    this.producer = new ProduceClient(connection);
  }

  connect(): Promise<void> {
    return this.producer.connect();
  }

  /** Resolves when every message is acknowledged by all in-sync replicas; on an error some of them may be in the log. */
  async publish(topic: string, messages: readonly OutMessage[]): Promise<void> {
    await this.enqueue([{ topic, messages }]);
  }

  /** As `publish`, over several topics in as few sends as possible; no order among topics. */
  async publishAll(batches: readonly TopicBatch[]): Promise<void> {
    await this.enqueue(batches);
  }

  /** As `publish`, for one message; gives its offset. */
  async append(topic: string, message: OutMessage): Promise<bigint> {
    const [offset] = await this.enqueue([{ topic, messages: [message] }]);
    if (offset === undefined) throw new UnacknowledgedError(topic, message.partition);
    return offset;
  }

  /**
   * As `append`, but never sent a second time, so that it is in the log once at most; beside the line of other calls.
   * Null if its acknowledgement did not come: nobody knows whether it is in the log, or still will be.
   */
  async appendOnce(topic: string, message: OutMessage): Promise<bigint | null> {
    if (this.closed) throw new Error('the publisher is closed');
    const { partition } = message;
    return (await this.producer.sendOnce({ topic, partition, messages: [message] }))?.offset ?? null;
  }

  /** Waits for what was published, then disconnects. */
  async close(): Promise<void> {
    this.closed = true;
    await this.sending;
    await this.producer.close();
  }

  private enqueue(batches: readonly TopicBatch[]): Promise<readonly bigint[]> {
    const count = batches.reduce((sum, { messages }) => sum + messages.length, 0);
    if (count === 0) return Promise.resolve([]);
    if (this.closed) return Promise.reject(new Error('the publisher is closed'));
    return new Promise((resolve, reject) => {
      const offsets = new Array<bigint>(count).fill(-1n);
      const settle = (error?: unknown): void => {
        if (error === undefined) resolve(offsets);
        else reject(error instanceof Error ? error : new Error('the send failed', { cause: error }));
      };
      const call: Call = { missing: count, offsets, settle };
      let index = 0;
      for (const { topic, messages } of batches) {
        for (const message of messages) {
          this.waiting.push({ topic, message, bytes: messageBytes(message), call, index: index++ });
        }
      }
      this.sending ??= this.drain();
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const { taken, rest } = takeSend(this.waiting, SEND_LIMITS);
      this.waiting = rest;
      try {
        await this.send(taken);
      } catch (error) {
        this.fail(taken, error);
      }
    }
    this.sending = undefined;
  }

  private async send(entries: readonly Waiting[]): Promise<void> {
    const groups = groupByPartition(entries);
    const baseOffsets = await this.producer.send(groups);
    for (const group of groups) {
      const base = baseOffsets.get(group) ?? -1n;
      group.entries.forEach(({ call, index }, position) => {
        call.offsets[index] = base + BigInt(position);
      });
    }
    for (const { call } of entries) if (--call.missing === 0) call.settle();
  }

  /** Ends the calls of a failed send; what they still had in line is taken back, so nothing is sent behind a gap. */
  private fail(entries: readonly Waiting[], error: unknown): void {
    const failed = new Set(entries.map(({ call }) => call));
    this.waiting = this.waiting.filter(({ call }) => !failed.has(call));
    for (const call of failed) call.settle(error);
  }
}

interface Group extends Unsent {
  readonly entries: Waiting[];
  readonly messages: OutMessage[];
}

function groupByPartition(entries: readonly Waiting[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const entry of entries) {
    const { topic, message } = entry;
    const place = `${topic}/${message.partition}`;
    let group = groups.get(place);
    if (group === undefined) {
      group = { topic, partition: message.partition, entries: [], messages: [] };
      groups.set(place, group);
    }
    group.entries.push(entry);
    group.messages.push(message);
  }
  return [...groups.values()];
}
