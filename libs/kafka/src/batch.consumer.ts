// A member of a group over kafkajs' eachBatch. At least once: nothing is committed but by context.commit, so whatever a
// handler did not commit is delivered again, on its next call or after a restart. Batches of one partition come one
// at a time; a handler that outlived its group membership can neither commit nor heartbeat. A crash of the consumer
// (a bug in a handler, or retries used up) is reported once and never survived: kafkajs would stay up and idle.
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { ConsumerWatch } from './consumer-watch.js';
import type { KafkaConnection } from './kafka-connection.client.js';
import { PartitionLostError } from './kafka.errors.js';
import type { BatchContext, LogBatch } from './log-messages.js';
import { toLogBatch } from './log-messages.js';

export type BatchHandling = (batch: LogBatch, context: BatchContext) => Promise<void>;

/** Own partitions by topic. */
export type Assignment = Readonly<Record<string, readonly number[]>>;

export interface BatchConsumerOptions {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  /** Called once when the consumer has crashed; the default ends the process through an uncaught exception. */
  readonly onCrash?: (error: Error) => void;
  /** Called after every (re)join with the partitions of each topic. */
  readonly onAssigned?: (assignment: Assignment) => void;
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

export class BatchConsumer {
  /** kafkajs' own, for what is not wrapped here. */
  readonly kafkajs: Consumer;
  private readonly options: BatchConsumerOptions & typeof DEFAULTS;
  private readonly watch: ConsumerWatch;
  private membership = 0;
  private assignment: Assignment = {};
  private closing = false;

  constructor(options: BatchConsumerOptions) {
    this.options = { ...DEFAULTS, ...options };
    this.kafkajs = options.connection.consumer({
      groupId: options.groupId,
      sessionTimeout: this.options.sessionTimeoutMs,
      heartbeatInterval: this.options.heartbeatIntervalMs,
      rebalanceTimeout: this.options.rebalanceTimeoutMs,
      maxWaitTimeInMs: this.options.maxWaitTimeInMs,
      maxBytesPerPartition: this.options.maxBytesPerPartition,
      maxBytes: this.options.maxBytes,
    });
    const { connection, groupId } = options;
    this.watch = new ConsumerWatch(this.kafkajs, connection, groupId, this.options.stuckAfterMs, (error) => {
      this.crash(error);
    });
  }

  /** Every batch of these topics goes to `handle`, from where the group stands, else from the log's start. */
  async start(topics: readonly string[], handle: BatchHandling): Promise<void> {
    this.observe();
    await this.kafkajs.connect();
    this.watch.start();
    await this.kafkajs.subscribe({ topics: [...topics], fromBeginning: true });
    await this.kafkajs.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.options.partitionsConsumedConcurrently,
      eachBatch: (payload) =>
        this.watch.during(() => handle(toLogBatch(payload.batch), this.contextOf(payload))),
    });
  }

  /** Takes up a partition that a handler paused. */
  resume(topic: string, partition: number): void {
    this.kafkajs.resume([{ topic, partitions: [partition] }]);
  }

  /** Lets the running handlers finish what they do (`isLive()` turns false at once), leaves the group, disconnects. */
  async close(): Promise<void> {
    this.closing = true;
    await this.watch.close();
    await this.kafkajs.disconnect();
  }

  private observe(): void {
    const { CRASH, GROUP_JOIN } = this.kafkajs.events;
    this.kafkajs.on(GROUP_JOIN, ({ payload }) => {
      this.membership += 1;
      this.resumeHandedOver(payload.memberAssignment);
      this.watch.assigned(payload.memberAssignment);
      this.options.onAssigned?.(payload.memberAssignment);
    });
    this.kafkajs.on(CRASH, ({ payload }) => {
      this.crash(payload.error);
    });
  }

  /** kafkajs keeps a partition paused that it has lost, also when it comes back, and nobody would take it up. */
  private resumeHandedOver(assignment: Assignment): void {
    const before = this.assignment;
    this.assignment = assignment;
    for (const [topic, partitions] of Object.entries(before)) {
      const handedOver = partitions.filter((partition) => assignment[topic]?.includes(partition) !== true);
      this.kafkajs.resume([{ topic, partitions: handedOver }]);
    }
  }

  private crash(error: Error): void {
    if (!this.closing) (this.options.onCrash ?? endProcess)(error);
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
        this.kafkajs.seek({ topic, partition, offset: offset.toString() });
      },
      pause: () => {
        mustBeMember();
        this.kafkajs.pause([{ topic, partitions: [partition] }]);
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
