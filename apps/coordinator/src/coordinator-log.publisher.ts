import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  encodeDeadLetter,
  encodeDistrictEvent,
  encodeRawMessage,
  encodeSnapshotEvent,
  isDistrictEvent,
  topicNames,
  type DeadLetterFields,
  type RawMarker,
  type TopicNames,
} from '#contracts';
import { KafkaConnection, LogPublisher } from '#kafka';
import { CoordinatorConfig } from './coordinator.config.js';
import type { LifecycleEvent } from './settlement/ports.js';

/** The snapshots and dead-letter topics have one partition each. */
const ONLY_PARTITION = 0;

/** Everything the coordinator writes to Kafka; each call resolves when it is acknowledged. */
@Injectable()
export class CoordinatorLog implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: LogPublisher;
  private readonly topics: TopicNames;

  constructor(connection: KafkaConnection, config: CoordinatorConfig) {
    this.publisher = new LogPublisher(connection);
    this.topics = topicNames(config.ROLLCALL_NAMESPACE);
  }

  onModuleInit(): Promise<void> {
    return this.publisher.connect();
  }

  onApplicationShutdown(): Promise<void> {
    return this.publisher.close();
  }

  markers(marker: RawMarker, partitions: readonly number[]): Promise<void> {
    const value = encodeRawMessage(marker);
    return this.publisher.publish(
      this.topics.raw,
      partitions.map((partition) => ({ partition, key: null, value })),
    );
  }

  lifecycleEvents(events: readonly LifecycleEvent[]): Promise<void> {
    return this.publisher.publish(
      this.topics.snapshots,
      events.map((event) => ({
        partition: ONLY_PARTITION,
        ...(isDistrictEvent(event) ? encodeDistrictEvent(event) : encodeSnapshotEvent(event)),
      })),
    );
  }

  deadLetters(letters: readonly DeadLetterFields[]): Promise<void> {
    return this.publisher.publish(
      this.topics.deadLetters,
      letters.map((letter) => ({ partition: ONLY_PARTITION, ...encodeDeadLetter(letter) })),
    );
  }
}
