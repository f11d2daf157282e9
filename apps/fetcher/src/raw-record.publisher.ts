import {
  encodeDeadLetter,
  encodeRawMessage,
  encodeReport,
  reportKey,
  topicNames,
  type DeadLetterFields,
  type EntityType,
  type Report,
  type TopicNames,
} from '#contracts';
import type { LogPublisher } from '#kafka';
import type { Placed, RawLog } from './ports.js';

/** Counts what was acknowledged. */
export interface RawCounts {
  records(type: EntityType, count: number): void;
  deadLetters(type: string, count: number): void;
}

const UNCOUNTED: RawCounts = { records: () => undefined, deadLetters: () => undefined };

/** The raw log, reports and dead letters on Kafka. */
export class RawRecordPublisher implements RawLog {
  private readonly topics: TopicNames;

  constructor(
    private readonly publisher: LogPublisher,
    namespace: string,
    private readonly counts: RawCounts = UNCOUNTED,
  ) {
    this.topics = topicNames(namespace);
  }

  async append(messages: readonly Placed[]): Promise<void> {
    const out = messages.map(({ partition, message }) => ({
      partition,
      key: null,
      value: encodeRawMessage(message),
    }));
    await this.publisher.publish(this.topics.raw, out);
    for (const { message } of messages) {
      if (message.kind === 'records') this.counts.records(message.entityType, message.records.length);
    }
  }

  async report(report: Report): Promise<void> {
    const message = { partition: 0, key: reportKey(report), value: encodeReport(report) };
    await this.publisher.publish(this.topics.reports, [message]);
  }

  async deadLetters(letters: readonly DeadLetterFields[]): Promise<void> {
    const messages = letters.map((letter) => ({ partition: 0, ...encodeDeadLetter(letter) }));
    await this.publisher.publish(this.topics.deadLetters, messages);
    for (const { origin } of letters) {
      this.counts.deadLetters(origin.kind === 'row' ? origin.entityType : '', 1);
    }
  }
}
