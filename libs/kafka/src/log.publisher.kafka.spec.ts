import { afterEach, describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { KafkaConnection } from './kafka-connection.client.js';
import { UnacknowledgedError } from './kafka.errors.js';
import { brokers, KafkaGround, losingAnAnswer, numbered, out, until } from '../test/kafka.ground.js';
import { LogPublisher } from './log.publisher.js';

const ground = new KafkaGround();
afterEach(() => ground.close());

/** As kafkajs reads them, which checks the layout byte by byte. */
async function rawMessages(topic: string, count: number): Promise<KafkaMessage[]> {
  const consumer = ground.connection.consumer({ groupId: topic });
  const found: KafkaMessage[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void found.push(message)) });
    await until(() => found.length >= count);
  } finally {
    await consumer.disconnect();
  }
  return found;
}

describe('the publisher', () => {
  it('keeps the order of a partition over calls that were not awaited', async () => {
    const topic = await ground.topic(2);
    const publisher = await ground.publisher();
    const calls = numbered(200).map((message, index) =>
      publisher.publish(topic, [message, out(`b${index}`, 1)]),
    );
    await Promise.all(calls);
    expect(await ground.texts(topic, 0)).toEqual(numbered(200).map(({ value }) => String(value)));
    expect(await ground.texts(topic, 1)).toEqual(Array.from({ length: 200 }, (_, index) => `b${index}`));
  });

  it('sends more than a record batch may hold, in order', async () => {
    const topic = await ground.topic(1);
    const publisher = await ground.publisher();
    const large = Array.from({ length: 40 }, (_, index) => out(`${index}:${'x'.repeat(100_000)}`));
    await publisher.publish(topic, large);
    const texts = await ground.texts(topic);
    expect(texts.map((text) => Number(text.split(':')[0]))).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
  });

  it('sends to several topics at once', async () => {
    const [one, other] = [await ground.topic(1), await ground.topic(1)];
    const publisher = await ground.publisher();
    await publisher.publishAll([
      { topic: one, messages: [out('one')] },
      { topic: other, messages: [out('other')] },
    ]);
    expect([await ground.texts(one), await ground.texts(other)]).toEqual([['one'], ['other']]);
  });

  it('gives the offset of a single message', async () => {
    const topic = await ground.topic(2);
    const publisher = await ground.publisher();
    await publisher.publish(topic, numbered(3, 1));
    const offsets = await Promise.all([
      publisher.append(topic, out('a', 1)),
      publisher.append(topic, out('b', 1)),
    ]);
    expect(offsets).toEqual([3n, 4n]);
  });

  it('sends keys, headers, absences and text of any script so that they read the same', async () => {
    const topic = await ground.topic(1);
    const publisher = await ground.publisher();
    const headers = { one: 'first', 'zwei-ä': 'Grüße, 世界 👋' };
    await publisher.publish(topic, [
      { partition: 0, key: 'ключ/😀', value: Buffer.from('text'), headers },
      { partition: 0, key: Buffer.from([0, 255]), value: null },
      { partition: 0, key: null, value: Buffer.alloc(0) },
    ]);
    const found = await rawMessages(topic, 3);
    expect(found).toMatchObject([
      { key: Buffer.from('ключ/😀'), value: Buffer.from('text') },
      { key: Buffer.from([0, 255]), value: null, headers: {} },
      { key: null, value: Buffer.alloc(0), headers: {} },
    ]);
    const read = Object.entries(found[0]?.headers ?? {}).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(read)).toEqual(headers);
  });

  it('sends thousands of small messages in one batch', async () => {
    const topic = await ground.topic(1);
    await (await ground.publisher()).publish(topic, numbered(10_000));
    expect(await ground.texts(topic)).toEqual(numbered(10_000).map(({ value }) => String(value)));
  });

  it('sends again what was not acknowledged, and once only what must not be there twice', async () => {
    const topic = await ground.topic(1);
    const repeating = ground.opens(new LogPublisher(losingAnAnswer()));
    expect(await repeating.append(topic, out('twice'))).toBe(1n);
    const once = ground.opens(new LogPublisher(losingAnAnswer()));
    expect(await once.appendOnce(topic, out('once'))).toBeNull();
    expect(await once.appendOnce(topic, out('next'))).toBe(3n);
    expect(await ground.texts(topic)).toEqual(['twice', 'twice', 'once', 'next']);
  });

  it('takes nothing more once it is closed', async () => {
    const publisher = await ground.publisher();
    await publisher.close();
    await expect(publisher.publish(await ground.topic(1), [out('late')])).rejects.toThrow(/closed/);
  });

  it('rejects for a partition that does not exist instead of dropping the message', async () => {
    const topic = await ground.topic(1);
    const publisher = await ground.publisher();
    await expect(publisher.publish(topic, [out('lost', 7)])).rejects.toBeInstanceOf(UnacknowledgedError);
  });

  it('rejects a message above max.message.bytes and goes on with the next call', async () => {
    const topic = await ground.topic(1);
    const publisher = await ground.publisher();
    await expect(publisher.publish(topic, [out('x'.repeat(1_200_000))])).rejects.toThrow(
      /larger than the max/,
    );
    await publisher.publish(topic, [out('next')]);
    expect(await ground.texts(topic)).toEqual(['next']);
  });

  it('compresses with gzip when told to, and what it sent reads the same', async () => {
    const topic = await ground.topic(1);
    const compressing = new KafkaConnection({ brokers: brokers(), clientId: 'spec', compression: 'gzip' });
    const publisher = ground.opens(new LogPublisher(compressing));
    await publisher.connect();
    await publisher.publish(topic, numbered(500));
    expect(await ground.texts(topic)).toEqual(numbered(500).map(({ value }) => String(value)));
    expect(await ground.texts(topic, 0, 123n, 125n)).toEqual(['123', '124']);
  });
});
