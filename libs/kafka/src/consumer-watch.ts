import type { Consumer } from 'kafkajs';
import { ConsumerLag } from './consumer-lag.client.js';
import type { KafkaConnection } from './kafka-connection.client.js';
import { ConsumerStuckError } from './kafka.errors.js';
import { StuckWatch } from './stuck-watch.js';

const TICKS = 12;

/** Watches one consumer (see stuck-watch.ts): every call of a handler runs `during` it, every sign it gives is told. */
export class ConsumerWatch {
  private running = 0;
  private assignment: Readonly<Record<string, readonly number[]>> = {};
  private readonly lag: ConsumerLag;
  private readonly watch: StuckWatch;
  private ticking: NodeJS.Timeout | undefined;

  constructor(
    private readonly consumer: Consumer,
    connection: KafkaConnection,
    groupId: string,
    private readonly stuckAfterMs: number,
    onStuck: (error: Error) => void,
  ) {
    this.lag = new ConsumerLag(connection);
    const lagging = (): Promise<readonly string[]> => this.lag.behind(groupId, this.notPaused());
    const isHandling = (): boolean => this.running > 0;
    this.watch = new StuckWatch({ isHandling, lagging }, TICKS, (where) => {
      clearInterval(this.ticking);
      onStuck(new ConsumerStuckError(groupId, where));
    });
  }

  start(): void {
    this.ticking = setInterval(() => void this.watch.tick(), this.stuckAfterMs / TICKS).unref();
  }

  assigned(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.assignment = assignment;
  }

  sign(): void {
    this.watch.sign();
  }

  async during<T>(handling: () => Promise<T>): Promise<T> {
    this.running += 1;
    this.sign();
    try {
      return await handling();
    } finally {
      this.running -= 1;
      this.sign();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.ticking);
    await this.lag.close();
  }

  private notPaused(): Readonly<Record<string, readonly number[]>> {
    const paused = new Map(this.consumer.paused().map(({ topic, partitions }) => [topic, partitions]));
    const entries = Object.entries(this.assignment).map(
      ([topic, own]) => [topic, own.filter((one) => paused.get(topic)?.includes(one) !== true)] as const,
    );
    return Object.fromEntries(entries);
  }
}
