import { BatchConsumer, type BatchConsumerOptions, type BatchHandling } from '../src/batch.consumer.js';
import { ConsumerLag } from '../src/consumer-lag.client.js';
import { KafkaGround, numbered } from './kafka.ground.js';
import type { LogBatch } from '../src/log-messages.js';

/** As KafkaGround, with consumers of one topic as the services have them. */
export class ConsumerGround extends KafkaGround {
  async consume(
    topic: string,
    groupId: string,
    handle: BatchHandling,
    more: Partial<BatchConsumerOptions> = {},
  ): Promise<BatchConsumer> {
    const onCrash = (error: Error): never => {
      throw error;
    };
    const { connection } = this;
    const consumer = this.opens(new BatchConsumer({ connection, groupId, onCrash, ...more }));
    await consumer.start([topic], handle);
    return consumer;
  }

  /** A topic with so many messages in each partition. */
  async topicOf(count: number, partitions = 1): Promise<string> {
    const topic = await this.topic(partitions);
    const publisher = await this.publisher();
    for (let partition = 0; partition < partitions; partition += 1) {
      await publisher.publish(topic, numbered(count, partition));
    }
    return topic;
  }

  lagOf(groupId: string, topic: string): Promise<bigint> {
    return this.opens(new ConsumerLag(this.connection)).of(groupId, [topic]);
  }
}

export const nextOf = (batch: LogBatch): bigint => (batch.messages.at(-1)?.offset ?? -1n) + 1n;
