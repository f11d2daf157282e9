import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  decodeRawMessage,
  encodeDeadLetter,
  MalformedMessageError,
  topicNames,
  type EncodedMessage,
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
  /** Contents of the unreadable messages of each partition's last batch, which comes again while a marker is at work. */
  private readonly buried = new Map<number, ReadonlyMap<bigint, Buffer>>();

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
    const unreadable = new Map<bigint, Buffer>();
    const letters: EncodedMessage[] = [];
    const placed = messages.map(({ offset, value }): PlacedMessage => {
      const contents = value ?? Buffer.alloc(0);
      const message = read(contents);
      if (!(message instanceof MalformedMessageError)) return { offset, message };
      unreadable.set(offset, contents);
      const isBuried = this.buried.get(partition)?.get(offset)?.equals(contents) === true;
      if (!isBuried) letters.push(this.#toLetter(partition, offset, contents, message.message));
      return { offset, message: null };
    });
    await this.#bury(letters);
    this.buried.set(partition, unreadable);
    return placed;
  }

  /** For a range that was decoded before: its dead letters are known already. */
  decodeAgain(messages: readonly LogMessage[]): readonly PlacedMessage[] {
    return messages.map(({ offset, value }) => {
      const message = read(value ?? Buffer.alloc(0));
      return { offset, message: message instanceof MalformedMessageError ? null : message };
    });
  }

  #toLetter(partition: number, offset: bigint, contents: Buffer, reason: string): EncodedMessage {
    return encodeDeadLetter({
      origin: { kind: 'message', topic: this.topics.raw, partition, offset: String(offset) },
      service: 'reconciler',
      reason,
      contents,
      at: new Date().toISOString(),
    });
  }

  async #bury(letters: readonly EncodedMessage[]): Promise<void> {
    if (letters.length === 0) return;
    const messages = letters.map((letter) => ({ partition: DEAD_LETTERS_PARTITION, ...letter }));
    await this.publisher.publish(this.topics.deadLetters, messages);
    this.deadLetters('', letters.length);
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
