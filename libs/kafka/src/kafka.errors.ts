/** The offset asked for is below the start of the log or above its end: what was there is gone. */
export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError';
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly offset: bigint,
    options?: ErrorOptions,
  ) {
    super(`offset ${offset} is outside the log of ${topic}[${partition}]`, options);
  }
}

/** The log answered without messages although it should hold some: a reader gives up instead of waiting for ever. */
export class LogStalledError extends Error {
  override readonly name = 'LogStalledError';
  constructor(topic: string, partition: number, next: bigint, to: bigint, highWatermark: bigint) {
    super(
      `${topic}[${partition}] brought nothing at ${next}, wanted up to ${to}, high watermark ${highWatermark}`,
    );
  }
}

/** The consumer is alive, but no handler has gone on for too long: only another process helps. */
export class ConsumerStuckError extends Error {
  override readonly name = 'ConsumerStuckError';
  constructor(groupId: string, where: readonly string[]) {
    super(`the consumer of ${groupId} is stuck: ${where.join(', ')}`);
  }
}

/** The group was joined anew since this batch was handed out; what it does from here on is no longer its own. */
export class PartitionLostError extends Error {
  override readonly name = 'PartitionLostError';
  constructor(topic: string, partition: number) {
    super(`${topic}[${partition}] was handed out under an earlier membership of the group`);
  }
}

/** A send was not answered for every partition in it; nothing is known about those messages. */
export class UnacknowledgedError extends Error {
  override readonly name = 'UnacknowledgedError';
  constructor(topic: string, partition: number, options?: ErrorOptions) {
    super(`${topic}[${partition}] did not acknowledge; does the partition exist?`, options);
  }
}

/** An error of the log itself: it is away, or did not take what was sent. */
export function isLogError(error: unknown): boolean {
  return error instanceof Error && (error.name.startsWith('KafkaJS') || error instanceof UnacknowledgedError);
}

/** A topic exists and is not what it should be. Never altered by us: somebody has to decide. */
export class TopicMismatchError extends Error {
  override readonly name = 'TopicMismatchError';
  constructor(
    readonly topic: string,
    readonly key: string,
    readonly expected: string,
    readonly found: string,
  ) {
    super(
      `topic ${topic} has ${key} = ${found}, expected ${expected}; it is not altered, correct it or choose another namespace`,
    );
  }
}
