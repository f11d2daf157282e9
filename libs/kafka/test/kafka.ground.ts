// What the Kafka specs stand on: a fresh topic per test on the broker of KAFKA_BROKERS, closed after each test.
import { randomUUID } from 'node:crypto';
import { KafkaConnection } from '../src/kafka-connection.client.js';
import type { Broker } from '../src/kafkajs-cluster.js';
import type { OutMessage } from '../src/log-messages.js';
import { LogPublisher } from '../src/log.publisher.js';
import { LogReader } from '../src/log-reader.client.js';
import { TopicRegistry } from '../src/topic-registry.client.js';

export const TOPIC_CONFIG = {
  'cleanup.policy': 'delete',
  'retention.ms': '600000',
  'max.message.bytes': '1048588',
};

export function brokers(): string[] {
  const text = process.env['KAFKA_BROKERS'];
  if (!text) throw new Error('KAFKA_BROKERS is not set: this spec needs a broker');
  return text.split(',');
}

export class KafkaGround {
  readonly connection = new KafkaConnection({ brokers: brokers(), clientId: 'spec', log: () => undefined });
  private readonly opened: { close(): Promise<void> }[] = [];

  name(): string {
    return `spec.${randomUUID()}`;
  }

  opens<T extends { close(): Promise<void> }>(client: T): T {
    this.opened.push(client);
    return client;
  }

  async topic(partitions: number, config: Readonly<Record<string, string>> = TOPIC_CONFIG): Promise<string> {
    const topic = this.name();
    await this.opens(new TopicRegistry(this.connection)).ensure([{ topic, partitions, config }]);
    return topic;
  }

  async publisher(): Promise<LogPublisher> {
    const publisher = this.opens(new LogPublisher(this.connection));
    await publisher.connect();
    return publisher;
  }

  reader(): LogReader {
    return this.opens(new LogReader(this.connection));
  }

  /** Values of [from, to) as text, by default everything. */
  async texts(topic: string, partition = 0, from?: bigint, to?: bigint): Promise<string[]> {
    const reader = this.reader();
    const ends = await reader.ends(topic, partition);
    const texts: string[] = [];
    for await (const messages of reader.read(topic, partition, from ?? ends.start, to ?? ends.end)) {
      texts.push(...messages.map(({ value }) => String(value)));
    }
    return texts;
  }

  async close(): Promise<void> {
    const results = await Promise.allSettled(this.opened.splice(0).map((client) => client.close()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

/** A connection to the same broker on which the answer to the first produce request is lost; what was sent has arrived. */
export function losingAnAnswer(): KafkaConnection {
  const connection = new KafkaConnection({ brokers: brokers(), clientId: 'spec', log: () => undefined });
  const cluster = connection.cluster();
  const findBroker = cluster.findBroker.bind(cluster);
  let isLost = false;
  cluster.findBroker = async (of) => {
    const { connectionPool } = await findBroker(of);
    const answerOf: Broker['connectionPool']['send'] = async (request) => {
      const answer = await connectionPool.send(request);
      if (isLost || request.request.apiName !== 'Produce') return answer;
      isLost = true;
      throw Object.assign(new Error('the connection was closed'), { retriable: true });
    };
    return { connectionPool: { send: answerOf } } as Broker;
  };
  connection.cluster = () => cluster;
  return connection;
}

export function out(text: string, partition = 0): OutMessage {
  return { partition, key: null, value: Buffer.from(text) };
}

export function numbered(count: number, partition = 0): OutMessage[] {
  return Array.from({ length: count }, (_, index) => out(String(index), partition));
}

/** Waits for a condition by asking again; the test's own time-out ends a wait in vain. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
