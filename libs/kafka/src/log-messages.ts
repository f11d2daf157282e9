/** One message as read from a topic; `key` and `value` are views into the fetched buffer, `timestamp` is in ms. */
export interface LogMessage {
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
}

/** One message to send; the partition is always chosen by the caller. */
export interface OutMessage {
  readonly partition: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers?: Record<string, string>;
}

/** What one fetch brought for one partition; never empty, offsets rise but may have gaps (compaction). */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly LogMessage[];
  /** Where the log ended for readers; above every message of the batch. */
  readonly highWatermark: bigint;
}

/** What a handler may do with the partition it was handed. */
export interface BatchContext {
  /** Keeps the group membership alive (throttled); throws when the partition is lost: never caught. */
  heartbeat(): Promise<void>;
  /** False once the consumer stops, the partition was lost, or a seek waits: return soon. */
  isLive(): boolean;
  /** The only way forward: `next` is the first offset not yet handled. Returning early redelivers the rest. */
  commit(next: bigint): Promise<void>;
  /** The offset the next batch of this partition begins at; only inside a handler. */
  seek(offset: bigint): void;
  /** This process takes nothing more of this partition until it was with another meanwhile, or is started again. */
  pause(): void;
}

interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
  readonly highWatermark: string;
}

interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
}

/** A broker notes the high watermark before it reads: what is appended in between comes along and lies above it. */
export function toLogBatch({ topic, partition, messages, highWatermark }: FetchedBatch): LogBatch {
  const behindLast = BigInt(messages.at(-1)?.offset ?? -1) + 1n;
  const noted = BigInt(highWatermark);
  return {
    ...{ topic, partition, messages: messages.map(toLogMessage) },
    highWatermark: noted > behindLast ? noted : behindLast,
  };
}

export function toLogMessage(message: FetchedMessage): LogMessage {
  return {
    offset: BigInt(message.offset),
    key: message.key,
    value: message.value,
    timestamp: Number(message.timestamp),
  };
}
