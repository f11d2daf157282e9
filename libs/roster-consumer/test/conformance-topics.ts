/* The conformance test of docs/contract on a real broker: its topics, its messages, and what a consumer must end with. */
import { readFileSync } from 'node:fs';
import { TOPIC_CONFIG, topicNames, type Conformance } from '#contracts';
import { ensureTopics, type LogPublisher } from '#kafka';
import { KafkaGround } from '../../kafka/test/kafka.ground.js';

const FILE = new URL('../../../docs/contract/conformance/messages.json', import.meta.url);

export class ConformanceTopics extends KafkaGround {
  readonly test = JSON.parse(readFileSync(FILE, 'utf8')) as Conformance;
  readonly namespace = `conformance${Math.random().toString(36).slice(2)}`;
  readonly names = topicNames(this.namespace).changes;
  #publisher: LogPublisher | undefined;

  async create(): Promise<this> {
    const { partitions, types } = this.test;
    const specs = types.map((type) => ({
      topic: this.names[type],
      partitions,
      config: TOPIC_CONFIG.changes,
    }));
    await ensureTopics(this.connection, specs);
    this.#publisher = await this.publisher();
    return this;
  }

  async publish(part: 'backlog' | 'live'): Promise<void> {
    for (const message of this.test.messages.filter((one) => one.part === part)) {
      const { partition, key, value } = message;
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const bytes = value === null ? null : Buffer.from(text);
      await this.#publisher?.publish(this.names[message.type], [{ partition, key, value: bytes }]);
    }
  }
}
