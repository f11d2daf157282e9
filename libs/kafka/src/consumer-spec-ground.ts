import 'reflect-metadata';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler } from './batch-handler.js';
import { BatchServer, type BatchServerOptions } from './batch.server.js';
import { ConsumerLag } from './consumer-lag.client.js';
import { KafkaGround, numbered } from './kafka-spec-ground.js';
import type { BatchContext, LogBatch } from './log-messages.js';

export type Handle = (batch: LogBatch, context: BatchContext) => Promise<void>;

/** As KafkaGround, with consumers of one topic as the services have them. */
export class ConsumerGround extends KafkaGround {
  async consume(
    topic: string,
    groupId: string,
    handle: Handle,
    more: Partial<BatchServerOptions> = {},
  ): Promise<INestMicroservice> {
    @Controller()
    class LogConsumer {
      @BatchHandler('log')
      handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
        return handle(batch, context);
      }
    }
    @Module({ controllers: [LogConsumer] })
    class ConsumerModule {}

    const onCrash = (error: Error): never => {
      throw error;
    };
    const { connection } = this;
    const strategy = new BatchServer({ connection, groupId, topics: { log: topic }, onCrash, ...more });
    const app = await NestFactory.createMicroservice(ConsumerModule, {
      ...{ strategy, logger: false as const, abortOnError: false },
    });
    this.opens(app);
    await app.listen();
    return app;
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
