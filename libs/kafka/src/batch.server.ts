// Nest's transport over kafkajs' eachBatch. At least once: nothing is committed but by context.commit, so whatever a
// handler did not commit is delivered again, on its next call or after a restart. Batches of one partition come one
// at a time; a handler that outlived its group membership can neither commit nor heartbeat. A crash of the consumer
// (a bug in a handler, or retries used up) is reported once and never survived: kafkajs would stay up and idle.
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { isObservable, lastValueFrom } from 'rxjs';
import { ConsumerWatch } from './consumer-watch.js';
import type { KafkaConnection } from './kafka-connection.client.js';
import { PartitionLostError } from './kafka.errors.js';
import type { BatchContext, LogBatch } from './log-messages.js';
import { toLogBatch } from './log-messages.js';

export interface BatchServerOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  /** Pattern of a @BatchHandler → topic or topics. */
  readonly topics: Readonly<Record<string, string | readonly string[]>>;
  /** Called once when the consumer has crashed; the default ends the process through an uncaught exception. */
  readonly onCrash?: (error: Error) => void;
  /** Called after every (re)join with the partitions of each topic. */
  readonly onAssigned?: (assignment: Readonly<Record<string, readonly number[]>>) => void;
  /** An end by `onCrash` after so long in which no handler went on though messages wait (see stuck-watch.ts). */
  readonly stuckAfterMs?: number;
  readonly sessionTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly partitionsConsumedConcurrently?: number;
  readonly maxWaitTimeInMs?: number;
  readonly maxBytesPerPartition?: number;
  readonly maxBytes?: number;
}

type Handler = (batch: LogBatch, context: BatchContext) => Promise<unknown>;

const DEFAULTS = {
  stuckAfterMs: 60_000,
  sessionTimeoutMs: 10_000,
  heartbeatIntervalMs: 1_000,
  rebalanceTimeoutMs: 15_000,
  partitionsConsumedConcurrently: 12,
  maxWaitTimeInMs: 200,
  /** A little over twice max.message.bytes (1048588), see the contract of compacted topics. */
  maxBytesPerPartition: 2 * 1024 * 1024 + 64 * 1024,
  maxBytes: 16 * 1024 * 1024,
};

export class BatchServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly options: BatchServerOptions & typeof DEFAULTS;
  private readonly consumer: Consumer;
  private readonly handlerOfTopic = new Map<string, Handler>();
  private membership = 0;
  private closing = false;
  private readonly watch: ConsumerWatch;

  constructor(options: BatchServerOptions) {
    super();
    this.options = { ...DEFAULTS, ...options };
    this.consumer = options.connection.consumer({
      groupId: options.groupId,
      sessionTimeout: this.options.sessionTimeoutMs,
      heartbeatInterval: this.options.heartbeatIntervalMs,
      rebalanceTimeout: this.options.rebalanceTimeoutMs,
      maxWaitTimeInMs: this.options.maxWaitTimeInMs,
      maxBytesPerPartition: this.options.maxBytesPerPartition,
      maxBytes: this.options.maxBytes,
    });
    const { connection, groupId } = options;
    this.watch = new ConsumerWatch(this.consumer, connection, groupId, this.options.stuckAfterMs, (error) => {
      this.crash(error);
    });
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(() => {
      callback();
    }, callback);
  }

  /** Lets the running handlers finish what they do (`isLive()` turns false at once), leaves the group, disconnects. */
  async close(): Promise<void> {
    this.closing = true;
    await this.watch.close();
    await this.consumer.disconnect();
  }

  override on(): never {
    throw new Error('BatchServer has no events; use onCrash and onAssigned');
  }

  override unwrap<T>(): T {
    return this.consumer as T;
  }

  private async start(): Promise<void> {
    this.bindHandlers();
    this.observe();
    await this.consumer.connect();
    this.watch.start();
    await this.consumer.subscribe({ topics: [...this.handlerOfTopic.keys()], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.options.partitionsConsumedConcurrently,
      eachBatch: (payload) => this.deliver(payload),
    });
  }

  private bindHandlers(): void {
    const handlers = this.getHandlers();
    for (const pattern of handlers.keys()) {
      if (!(pattern in this.options.topics)) throw new Error(`@BatchHandler('${pattern}') has no topics`);
    }
    for (const [pattern, topics] of Object.entries(this.options.topics)) {
      const handler = handlers.get(pattern);
      if (handler === undefined) throw new Error(`no @BatchHandler('${pattern}') for ${String(topics)}`);
      if (handler.next !== undefined) throw new Error(`two @BatchHandler('${pattern}')`);
      for (const topic of [topics].flat()) {
        if (this.handlerOfTopic.has(topic)) throw new Error(`topic ${topic} has two patterns`);
        this.handlerOfTopic.set(topic, handler as Handler);
      }
    }
  }

  private observe(): void {
    const { CRASH, GROUP_JOIN } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.membership += 1;
      this.watch.assigned(payload.memberAssignment);
      this.options.onAssigned?.(payload.memberAssignment);
    });
    this.consumer.on(CRASH, ({ payload }) => {
      this.crash(payload.error);
    });
  }

  private crash(error: Error): void {
    if (!this.closing) (this.options.onCrash ?? endProcess)(error);
  }

  private async deliver(payload: EachBatchPayload): Promise<void> {
    const batch = toLogBatch(payload.batch);
    const handler = this.handlerOfTopic.get(batch.topic);
    if (handler === undefined) throw new TypeError(`a batch of ${batch.topic}, which was not subscribed`);
    await this.watch.during(async () => {
      const result = await handler(batch, this.contextOf(payload));
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    });
  }

  private contextOf(payload: EachBatchPayload): BatchContext {
    const { topic, partition } = payload.batch;
    const membership = this.membership;
    const isMember = (): boolean => this.membership === membership;
    const mustBeMember = (): void => {
      if (!isMember()) throw new PartitionLostError(topic, partition);
    };
    return {
      isLive: () => isMember() && payload.isRunning() && !payload.isStale(),
      heartbeat: async () => {
        mustBeMember();
        this.watch.sign();
        await payload.heartbeat();
      },
      commit: async (next) => {
        mustBeMember();
        this.watch.sign();
        payload.resolveOffset((next - 1n).toString());
        await payload.commitOffsetsIfNecessary({
          topics: [{ topic, partitions: [{ partition, offset: next.toString() }] }],
        });
      },
      seek: (offset) => {
        mustBeMember();
        this.consumer.seek({ topic, partition, offset: offset.toString() });
      },
      pause: () => {
        mustBeMember();
        this.consumer.pause([{ topic, partitions: [partition] }]);
      },
    };
  }
}

/** Thrown where nobody can catch it: whoever runs the service logs it and exits non-zero. */
function endProcess(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
