import type { Admin } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection.client.js';

/** How far a group is behind. Counts offsets, so gaps left by compaction count as messages. */
export class ConsumerLag {
  private readonly admin: Admin;
  private connected: Promise<void> | undefined;

  constructor(connection: KafkaConnection) {
    this.admin = connection.admin();
  }

  /** Sum over all partitions of end − committed; a partition without a commit counts from its start. */
  async of(groupId: string, topics: readonly string[]): Promise<bigint> {
    this.connected ??= this.admin.connect().catch((error: unknown) => {
      this.connected = undefined;
      throw error;
    });
    await this.connected;
    const committed = await this.admin.fetchOffsets({ groupId, topics: [...topics] });
    let lag = 0n;
    for (const topic of topics) {
      const places = committed.find((answer) => answer.topic === topic)?.partitions ?? [];
      const byPartition = new Map(places.map(({ partition, offset }) => [partition, BigInt(offset)]));
      for (const { partition, low, high } of await this.admin.fetchTopicOffsets(topic)) {
        const start = BigInt(low);
        const place = byPartition.get(partition) ?? -1n;
        lag += BigInt(high) - (place > start ? place : start);
      }
    }
    return lag;
  }

  async close(): Promise<void> {
    if (this.connected === undefined) return;
    await this.admin.disconnect();
    this.connected = undefined;
  }
}
