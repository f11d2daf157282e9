import { afterEach, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { LogStalledError, OffsetOutOfRangeError } from './kafka.errors.js';
import { brokers, KafkaGround, numbered, out } from '../test/kafka.ground.js';

const ground = new KafkaGround();
afterEach(() => ground.close());

async function topicOf(count: number): Promise<string> {
  const topic = await ground.topic(1);
  await (await ground.publisher()).publish(topic, numbered(count));
  return topic;
}

describe('the reader', () => {
  it('reads exactly the range asked for', async () => {
    const topic = await topicOf(100);
    expect(await ground.texts(topic, 0, 10n, 13n)).toEqual(['10', '11', '12']);
    expect(await ground.texts(topic, 0, 99n, 100n)).toEqual(['99']);
    expect(await ground.texts(topic, 0, 5n, 5n)).toEqual([]);
  });

  it('gives offset, key, value and time of a message', async () => {
    const topic = await ground.topic(1);
    const before = Date.now();
    await (await ground.publisher()).publish(topic, [{ partition: 0, key: 'k', value: null }]);
    for await (const [message] of ground.reader().read(topic, 0, 0n, 1n)) {
      expect(message).toMatchObject({ offset: 0n, key: Buffer.from('k'), value: null });
      expect(message?.timestamp).toBeGreaterThanOrEqual(before);
    }
  });

  it('reads a range larger than one fetch whole and in order', async () => {
    const topic = await ground.topic(1);
    const large = Array.from({ length: 120 }, (_, index) => out(`${index}:${'x'.repeat(60_000)}`));
    await (await ground.publisher()).publish(topic, large);
    const texts = await ground.texts(topic);
    expect(texts.map((text) => Number(text.split(':')[0]))).toEqual(
      Array.from({ length: 120 }, (_, index) => index),
    );
  });

  it('brings whole batches, however few bytes a fetch may bring', async () => {
    const topic = await ground.topic(1);
    const publisher = await ground.publisher();
    for (let from = 0; from < 30; from += 10) {
      const batch = Array.from({ length: 10 }, (_, index) => out(`${from + index}:${'x'.repeat(20_000)}`));
      await publisher.publish(topic, batch);
    }
    const fetches: number[][] = [];
    for await (const messages of ground.reader().read(topic, 0, 0n, 30n, 1_000))
      fetches.push(messages.map(({ value }) => Number(String(value).split(':')[0])));
    expect(fetches.flat()).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(fetches).toHaveLength(3);
  });

  it('tells both ends of the log, also of an empty one', async () => {
    const reader = ground.reader();
    expect(await reader.ends(await topicOf(3), 0)).toEqual({ start: 0n, end: 3n });
    expect(await reader.ends(await ground.topic(1), 0)).toEqual({ start: 0n, end: 0n });
  });

  it('serves several ranges at the same time', async () => {
    const topic = await topicOf(50);
    const reader = ground.reader();
    const starts = [0n, 10n, 20n, 30n];
    const firsts = starts.map(async (from) => {
      for await (const [message] of reader.read(topic, 0, from, from + 1n)) return message?.offset;
      return undefined;
    });
    expect(await Promise.all(firsts)).toEqual(starts);
  });

  it('throws when the range begins outside the log', async () => {
    const topic = await topicOf(3);
    const admin = ground.connection.admin();
    ground.opens({ close: () => admin.disconnect() });
    await admin.connect();
    await admin.fetchTopicOffsets(topic); // loads the metadata that deleting records needs
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    await expect(ground.texts(topic, 0, 1n, 3n)).rejects.toBeInstanceOf(OffsetOutOfRangeError);
    await expect(ground.texts(topic, 0, 9n, 10n)).rejects.toMatchObject({ topic, partition: 0, offset: 9n });
    expect(await ground.texts(topic, 0, 2n, 3n)).toEqual(['2']);
  });

  it('gives up when the log ends before the range does', async () => {
    const topic = await topicOf(3);
    await expect(ground.texts(topic, 0, 1n, 4n)).rejects.toBeInstanceOf(LogStalledError);
  });

  it('leaves out the control records of a transaction', async () => {
    const topic = await ground.topic(1);
    const plain = new kafkajs.Kafka({ brokers: brokers(), logLevel: kafkajs.logLevel.NOTHING });
    const producer = plain.producer({
      transactionalId: ground.name(),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    ground.opens({ close: () => producer.disconnect() });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value: 'kept', partition: 0 }] });
    await transaction.commit();
    await (await ground.publisher()).publish(topic, [out('after')]);
    expect(await ground.texts(topic)).toEqual(['kept', 'after']);
  });

  it('says which partition there is none of', async () => {
    const topic = await ground.topic(1);
    await expect(ground.reader().ends(topic, 4)).rejects.toThrow(`${topic} has no partition 4`);
  });
});
