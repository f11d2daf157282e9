// A process of its own shows what follows from a stuck consumer. The child runs the built libraries.
import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { KafkaGround, numbered } from '../../kafka/test/kafka.ground.js';

const DIST = new URL('../../../dist/libs/', import.meta.url);
const ground = new KafkaGround();
afterEach(() => ground.close());

const SCRIPT = `
  const { KafkaConnection } = await import(process.env.DIST + 'kafka/src/index.js');
  const { BatchHandler, BatchServer } = await import(process.env.DIST + 'batch-transport/src/index.js');
  const { runService, ServiceConfig } = await import(process.env.DIST + 'service/src/index.js');
  const { Controller, Module } = await import('@nestjs/common');
  class LogConsumer { handle() { return new Promise(() => undefined); } }
  Controller()(LogConsumer);
  const handle = Object.getOwnPropertyDescriptor(LogConsumer.prototype, 'handle');
  BatchHandler('log')(LogConsumer.prototype, 'handle', handle);
  class Root {}
  Module({ controllers: [LogConsumer] })(Root);
  await runService({ name: 'spec', config: ServiceConfig, module: () => Root, strategy: (_app, { KAFKA_BROKERS }) =>
    new BatchServer({
      connection: new KafkaConnection({ brokers: KAFKA_BROKERS, clientId: 'spec' }),
      groupId: process.env.GROUP, topics: { log: process.env.TOPIC }, stuckAfterMs: 1200,
    }) });`;

describe('a service whose consumer is stuck', () => {
  it('ends with exit 1, and says that it was stuck', async () => {
    if (!existsSync(DIST)) throw new Error('not built yet: run `npm run build` first');
    const topic = await ground.topic(1);
    const publisher = await ground.publisher();
    await publisher.publish(topic, numbered(1));
    const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], {
      env: { ...process.env, DIST: DIST.href, GROUP: ground.name(), TOPIC: topic },
      cwd: new URL('../../..', import.meta.url),
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as object;
    expect(code).toBe(1);
    expect(last).toMatchObject({ event: 'crashed', error: { error: 'ConsumerStuckError' } });
  });
});
