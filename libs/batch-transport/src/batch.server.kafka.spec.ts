import 'reflect-metadata';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { BatchContext, BatchHandling, LogBatch } from '#kafka';
import { ConsumerGround, nextOf } from '../../kafka/test/consumer.ground.js';
import { until } from '../../kafka/test/kafka.ground.js';
import { BatchHandler } from './batch-handler.js';
import { BatchServer, type BatchServerOptions } from './batch.server.js';

const ground = new ConsumerGround();
afterEach(() => ground.close());

async function serve(
  topics: BatchServerOptions['topics'],
  handle: BatchHandling,
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

  const { connection } = ground;
  const strategy = new BatchServer({ connection, groupId: ground.name(), topics, ...more });
  const options = { strategy, logger: false as const, abortOnError: false };
  const app = ground.opens(await NestFactory.createMicroservice(ConsumerModule, options));
  await app.listen();
  return app;
}

describe('the batch server', () => {
  it('hands the batches of a topic to the controller of its pattern', async () => {
    const topic = await ground.topicOf(5);
    const seen: string[] = [];
    await serve({ log: topic }, async (batch, context) => {
      seen.push(...batch.messages.map(({ value }) => String(value)));
      await context.commit(nextOf(batch));
    });
    await until(() => seen.length >= 5);
    expect(seen).toEqual(['0', '1', '2', '3', '4']);
  });

  it('reports a crash when a handler has a bug', async () => {
    const topic = await ground.topicOf(1);
    const crashes: Error[] = [];
    const broken = async () => {
      throw new TypeError('a bug');
    };
    await serve({ log: topic }, broken, { onCrash: (error) => crashes.push(error) });
    await until(() => crashes.length > 0);
    expect(crashes.map(({ message }) => message)).toEqual(['a bug']);
  });

  it('does not start with a pattern that has no handler, or a handler that has no topics', async () => {
    const idle = async () => undefined;
    await expect(serve({ log: 'a', other: 'b' }, idle)).rejects.toThrow("no @BatchHandler('other') for b");
    await expect(serve({}, idle)).rejects.toThrow("@BatchHandler('log') has no topics");
  });
});
