import type { Admin } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.client.js';

interface Lag {
  readonly topic: string;
  readonly partition: number;
  /** Where the group reads on. */
  readonly next: bigint;
  readonly lag: bigint;
}

/** How far a group is behind. Counts offsets, so gaps left by compaction count as messages. */
export class ConsumerLag {
  private readonly admin: Admin;
  private connected: Promise<void> | undefined;

  constructor(connection: KafkaConnection) {
    this.admin = connection.admin();
  }

  /** Of these partitions by topic, those that hold messages behind their commit, as `topic/partition`. */
  async behind(groupId: string, of: Readonly<Record<string, readonly number[]>>): Promise<readonly string[]> {
    const lags = await this.each(groupId, Object.keys(of));
    return lags.flatMap(({ topic, partition, lag }) =>
      lag > 0n && of[topic]?.includes(partition) ? [`${topic}/${partition}`] : [],
    );
  }

  /** Of a topic's partitions, those of which the group has not committed everything below the offset given. */
  async below(
    groupId: string,
    topic: string,
    offsets: ReadonlyMap<number, bigint>,
  ): Promise<readonly number[]> {
    const places = await this.each(groupId, [topic]);
    return places.flatMap(({ partition, next }) =>
      next < (offsets.get(partition) ?? 0n) ? [partition] : [],
    );
  }

  /** Sum over all partitions of end − committed; a partition without a commit counts from its start. */
  async of(groupId: string, topics: readonly string[]): Promise<bigint> {
    return (await this.each(groupId, topics)).reduce((sum, { lag }) => sum + lag, 0n);
  }

  private async each(groupId: string, topics: readonly string[]): Promise<readonly Lag[]> {
    this.connected ??= this.admin.connect().catch((error: unknown) => {
      this.connected = undefined;
      throw error;
    });
    await this.connected;
    const committed = await this.admin.fetchOffsets({ groupId, topics: [...topics] });
    const lags: Lag[] = [];
    for (const topic of topics) {
      const places = committed.find((answer) => answer.topic === topic)?.partitions ?? [];
      const byPartition = new Map(places.map(({ partition, offset }) => [partition, BigInt(offset)]));
      for (const { partition, low, high } of await this.admin.fetchTopicOffsets(topic)) {
        const start = BigInt(low);
        const place = byPartition.get(partition) ?? -1n;
        const next = place > start ? place : start;
        lags.push({ topic, partition, next, lag: BigInt(high) - next });
      }
    }
    return lags;
  }

  async close(): Promise<void> {
    if (this.connected === undefined) return;
    await this.admin.disconnect();
    this.connected = undefined;
  }
}
