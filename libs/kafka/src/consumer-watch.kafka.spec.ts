import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler } from './batch-handler.js';
import { BatchServer, type BatchServerOptions } from './batch.server.js';
import { KafkaGround, numbered, until } from './kafka-spec-ground.js';
import type { BatchContext, LogBatch } from './log-messages.js';

const ground = new KafkaGround();
afterEach(() => ground.close());

type Handle = (batch: LogBatch, context: BatchContext) => Promise<void>;

async function consume(
  topic: string,
  groupId: string,
  handle: Handle,
  more: Partial<BatchServerOptions> = {},
) {
  @Controller()
  class LogConsumer {
    @BatchHandler('log')
    handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
      return handle(batch, context);
    }
  }
  @Module({ controllers: [LogConsumer] })
  class ConsumerModule {}

  const { connection } = ground;
  const strategy = new BatchServer({
    connection,
    groupId,
    topics: { log: topic },
    onCrash: (error) => {
      throw error;
    },
    ...more,
  });
  const app = await NestFactory.createMicroservice(ConsumerModule, {
    strategy,
    logger: false,
    abortOnError: false,
  });
  ground.opens(app);
  await app.listen();
  return app;
}

async function topicOf(count: number): Promise<string> {
  const topic = await ground.topic(1);
  const publisher = await ground.publisher();
  await publisher.publish(topic, numbered(count));
  return topic;
}

const nextOf = (batch: LogBatch) => (batch.messages.at(-1)?.offset ?? -1n) + 1n;

describe('a watched consumer', () => {
  it('ends by onCrash where a handler neither returns nor gives a sign', async () => {
    const topic = await topicOf(1);
    let release: () => void = () => undefined;
    const crashed = new Promise<Error>((resolve) => {
      const options = { stuckAfterMs: 1_200, onCrash: resolve };
      void consume(topic, ground.name(), () => new Promise((done) => (release = done)), options);
    });
    expect((await crashed).name).toBe('ConsumerStuckError');
    release();
  });

  it('does not end while a handler takes long and sends heartbeats, nor while there is nothing to do', async () => {
    const topic = await topicOf(1);
    const crashes: Error[] = [];
    let beats = 0;
    let isDone = false;
    await consume(
      topic,
      ground.name(),
      async (batch, context) => {
        await until(async () => {
          await context.heartbeat();
          beats += 1;
          return beats >= 60;
        });
        await context.commit(nextOf(batch));
        isDone = true;
      },
      { stuckAfterMs: 600, onCrash: (error) => crashes.push(error) },
    );
    await until(() => isDone);
    const idleSince = Date.now();
    await until(() => Date.now() - idleSince > 1_500);
    expect(crashes).toEqual([]);
  });
});
