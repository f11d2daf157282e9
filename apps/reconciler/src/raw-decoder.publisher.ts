import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  decodeRawMessage,
  encodeDeadLetter,
  MalformedMessageError,
  topicNames,
  type RawMessage,
  type TopicNames,
} from '#contracts';
import { KafkaConnection, LogPublisher, type LogMessage } from '#kafka';
import { deadLetterCount, Metrics } from '#service';
import type { PlacedMessage } from './reconciliation/ports.js';
import { ReconcilerConfig } from './reconciler.config.js';

const DEAD_LETTERS_PARTITION = 0;

/** Reads raw messages; what cannot be read becomes a dead letter with its coordinates, and the partition goes on. */
@Injectable()
export class RawDecoder implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: LogPublisher;
  private readonly topics: TopicNames;
  private readonly deadLetters;

  constructor(connection: KafkaConnection, config: ReconcilerConfig, metrics: Metrics) {
    this.publisher = new LogPublisher(connection);
    this.topics = topicNames(config.ROLLCALL_NAMESPACE);
    this.deadLetters = deadLetterCount(metrics);
  }

  onModuleInit(): Promise<void> {
    return this.publisher.connect();
  }

  onApplicationShutdown(): Promise<void> {
    return this.publisher.close();
  }

  async decode(partition: number, messages: readonly LogMessage[]): Promise<readonly PlacedMessage[]> {
    const placed: PlacedMessage[] = [];
    for (const { offset, value } of messages) {
      const message = read(value ?? Buffer.alloc(0));
      if (message instanceof MalformedMessageError) {
        await this.#bury(partition, offset, value ?? Buffer.alloc(0), message.message);
        placed.push({ offset, message: null });
      } else {
        placed.push({ offset, message });
      }
    }
    return placed;
  }

  /** For a range that was decoded before: its dead letters are known already. */
  decodeAgain(messages: readonly LogMessage[]): readonly PlacedMessage[] {
    return messages.map(({ offset, value }) => {
      const message = read(value ?? Buffer.alloc(0));
      return { offset, message: message instanceof MalformedMessageError ? null : message };
    });
  }

  async #bury(partition: number, offset: bigint, contents: Buffer, reason: string): Promise<void> {
    const letter = encodeDeadLetter({
      origin: { kind: 'message', topic: this.topics.raw, partition, offset: String(offset) },
      service: 'reconciler',
      reason,
      contents,
      at: new Date().toISOString(),
    });
    await this.publisher.publish(this.topics.deadLetters, [{ partition: DEAD_LETTERS_PARTITION, ...letter }]);
    this.deadLetters('', 1);
  }
}

function read(value: Buffer): RawMessage | MalformedMessageError {
  try {
    return decodeRawMessage(value);
  } catch (error) {
    if (error instanceof MalformedMessageError) return error;
    throw error;
  }
}
