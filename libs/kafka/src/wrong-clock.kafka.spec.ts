import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { topicSpecs, type TopicSpec } from '#contracts';
import { KafkaGround } from '../test/kafka.ground.js';
import { TopicRegistry } from './topic-registry.client.js';

const DAY_MS = 24 * 60 * 60 * 1000;

const ground = new KafkaGround();
afterEach(async () => {
  jest.restoreAllMocks();
  await ground.close();
});

async function rollcallsTopics(): Promise<readonly TopicSpec[]> {
  const specs = topicSpecs(`n${Math.random().toString(36).slice(2)}`, 1);
  await ground.opens(new TopicRegistry(ground.connection)).ensure(specs);
  return specs;
}

describe('a publisher whose host’s clock is wrong', () => {
  it.each([
    ['ahead of', 10 * DAY_MS],
    ['behind', -10 * DAY_MS],
  ])(
    'by ten days %s the broker’s is heard, and its messages carry the broker’s time',
    async (_, offsetMs) => {
      const specs = await rollcallsTopics();
      const publisher = await ground.publisher();
      const rightNow = Date.now();
      jest.spyOn(Date, 'now').mockReturnValue(rightNow + offsetMs);
      for (const { topic } of specs)
        await publisher.publish(topic, [{ partition: 0, key: 'key', value: Buffer.from('heard') }]);
      jest.restoreAllMocks();
      for (const { topic } of specs)
        for await (const messages of ground.reader().read(topic, 0, 0n, 1n))
          for (const { timestamp, value } of messages) {
            expect(String(value)).toBe('heard');
            expect(Math.abs(timestamp - rightNow)).toBeLessThan(DAY_MS);
          }
    },
  );
});
