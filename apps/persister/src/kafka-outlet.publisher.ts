import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  encodeDeadLetter,
  encodeReport,
  reportKey,
  topicNames,
  type DeadLetterFields,
  type TopicNames,
} from '#contracts';
import { KafkaConnection, LogPublisher } from '#kafka';
import type { CopyReport, Outlet } from '#roster-consumer';
import { PersisterConfig } from './persister.config.js';

/** Reports and dead letters; each of the two topics has one partition. */
const ONLY_PARTITION = 0;

@Injectable()
export class KafkaOutlet implements Outlet, OnModuleInit, OnApplicationShutdown {
  private readonly publisher: LogPublisher;
  private readonly topics: TopicNames;

  constructor(connection: KafkaConnection, config: PersisterConfig) {
    this.publisher = new LogPublisher(connection);
    this.topics = topicNames(config.ROLLCALL_NAMESPACE);
  }

  onModuleInit(): Promise<void> {
    return this.publisher.connect();
  }

  onApplicationShutdown(): Promise<void> {
    return this.publisher.close();
  }

  report(reports: readonly CopyReport[]): Promise<void> {
    return this.publisher.publish(
      this.topics.reports,
      reports.map((report) => ({
        partition: ONLY_PARTITION,
        key: reportKey(report),
        value: encodeReport(report),
      })),
    );
  }

  deadLetter(letters: readonly DeadLetterFields[]): Promise<void> {
    return this.publisher.publish(
      this.topics.deadLetters,
      letters.map((fields) => ({ partition: ONLY_PARTITION, ...encodeDeadLetter(fields) })),
    );
  }
}
