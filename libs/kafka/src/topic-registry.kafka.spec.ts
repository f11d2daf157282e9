import { afterEach, describe, expect, it } from '@jest/globals';
import { topicSpecs } from '#contracts';
import { KafkaGround, TOPIC_CONFIG } from '../test/kafka.ground.js';
import { TopicRegistry } from './topic-registry.client.js';

const ground = new KafkaGround();
afterEach(() => ground.close());

describe('topics', () => {
  it('are created as specified and accepted as they are the next time', async () => {
    const topics = [1, 3].map((partitions) => ({ topic: ground.name(), partitions, config: TOPIC_CONFIG }));
    await ground.opens(new TopicRegistry(ground.connection)).ensure(topics);
    await ground.opens(new TopicRegistry(ground.connection)).ensure(topics);
    expect(await ground.reader().ends(topics[1]?.topic ?? '', 2)).toEqual({ start: 0n, end: 0n });
  });

  it('may be ensured by several services at the same time', async () => {
    const topics = Array.from({ length: 8 }, () => ({
      topic: ground.name(),
      partitions: 2,
      config: TOPIC_CONFIG,
    }));
    const registries = [1, 2, 3].map(() => ground.opens(new TopicRegistry(ground.connection)));
    await Promise.all(registries.map((registry) => registry.ensure(topics)));
  });

  it('are created where only some exist', async () => {
    const existing = { topic: await ground.topic(2), partitions: 2, config: TOPIC_CONFIG };
    const other = { topic: ground.name(), partitions: 1, config: TOPIC_CONFIG };
    await ground.opens(new TopicRegistry(ground.connection)).ensure([existing, other]);
    expect(await ground.texts(other.topic)).toEqual([]);
  });

  it('are refused with another number of partitions', async () => {
    const topic = await ground.topic(2);
    const registry = ground.opens(new TopicRegistry(ground.connection));
    await expect(registry.ensure([{ topic, partitions: 3, config: TOPIC_CONFIG }])).rejects.toMatchObject({
      name: 'TopicMismatchError',
      topic,
      key: 'partitions',
      expected: '3',
      found: '2',
    });
  });

  it('are refused with another configuration, naming key, expected and found, and never altered', async () => {
    const topic = await ground.topic(1);
    const registry = ground.opens(new TopicRegistry(ground.connection));
    const compacted = { topic, partitions: 1, config: { ...TOPIC_CONFIG, 'cleanup.policy': 'compact' } };
    await expect(registry.ensure([compacted])).rejects.toThrow(
      `topic ${topic} has cleanup.policy = delete, expected compact`,
    );
    await registry.ensure([{ topic, partitions: 1, config: TOPIC_CONFIG }]);
  });

  it('are refused, all of them, where the broker would compress anew what was written', async () => {
    const specs = topicSpecs(ground.name(), 1);
    const registry = ground.opens(new TopicRegistry(ground.connection));
    await registry.ensure(
      specs.map((spec) => ({ ...spec, config: { ...spec.config, 'compression.type': 'zstd' } })),
    );
    for (const spec of specs)
      await expect(registry.ensure([spec])).rejects.toThrow(
        `topic ${spec.topic} has compression.type = zstd, expected producer`,
      );
  });

  it('may list their policies in any order', async () => {
    const topic = await ground.topic(1, { 'cleanup.policy': 'compact,delete' });
    const registry = ground.opens(new TopicRegistry(ground.connection));
    await registry.ensure([{ topic, partitions: 1, config: { 'cleanup.policy': 'delete,compact' } }]);
  });
});
