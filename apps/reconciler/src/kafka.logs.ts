/*
 * The reconciler's side of Kafka: reads the raw log's ranges, appends fences, events, watermarks and reports. What is
 * sent is acknowledged by all replicas before a call returns; parents are acknowledged before their children are sent.
 */
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  encodeChange,
  encodeRawMessage,
  encodeReport,
  encodeWatermark,
  reportKey,
  topicNames,
  type Change,
  type EntityType,
  type Report,
  type TopicNames,
  type WatermarkFields,
} from '#contracts';
import { KafkaConnection, LogPublisher, LogReader } from '#kafka';
import { Metrics } from '#service';
import { ChangeTopics } from './change-topics.client.js';
import { RawDecoder } from './raw-decoder.publisher.js';
import type { LoggedChange, Logs, PlacedMessage } from './reconciliation/ports.js';
import { ReconcilerConfig } from './reconciler.config.js';

const REPORTS_PARTITION = 0;
/** The raw log is not compacted, so a fetch need not hold two of the largest batches; several partitions apply at once. */
const RAW_FETCH_BYTES = 512 * 1024;

@Injectable()
export class KafkaLogs implements Logs, OnModuleInit, OnApplicationShutdown {
  private readonly publisher: LogPublisher;
  private readonly reader: LogReader;
  private readonly topics: TopicNames;
  private readonly changes: ChangeTopics;
  private readonly events;

  constructor(
    connection: KafkaConnection,
    config: ReconcilerConfig,
    metrics: Metrics,
    private readonly decoder: RawDecoder,
  ) {
    this.publisher = new LogPublisher(connection);
    this.reader = new LogReader(connection);
    this.topics = topicNames(config.ROLLCALL_NAMESPACE);
    this.changes = new ChangeTopics(this.topics.changes, this.publisher, this.reader);
    this.events = metrics.counter('rollcall_change_events_total', 'change events sent', ['type', 'verb']);
  }

  onModuleInit(): Promise<void> {
    return this.publisher.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.publisher.close(), this.reader.close()]);
  }

  async *readRaw(partition: number, from: bigint, to: bigint): AsyncIterable<readonly PlacedMessage[]> {
    for await (const messages of this.reader.read(this.topics.raw, partition, from, to, RAW_FETCH_BYTES)) {
      yield this.decoder.decodeAgain(messages);
    }
  }

  rawEnds(partition: number): Promise<{ start: bigint; end: bigint }> {
    return this.reader.ends(this.topics.raw, partition);
  }

  changeEnds(partition: number, entityType: EntityType): Promise<{ start: bigint; end: bigint }> {
    return this.changes.ends(partition, entityType);
  }

  readChanges(
    partition: number,
    entityType: EntityType,
    from: bigint,
    to: bigint,
  ): AsyncIterable<readonly LoggedChange[]> {
    return this.changes.read(partition, entityType, from, to);
  }

  fenceRaw(partition: number, epoch: number, author: string): Promise<bigint> {
    const value = encodeRawMessage({ kind: 'fence', epoch, author });
    return this.publisher.append(this.topics.raw, { partition, key: null, value });
  }

  fenceChange(
    partition: number,
    entityType: EntityType,
    epoch: number,
    author: string,
  ): Promise<bigint | null> {
    return this.changes.fence(partition, entityType, epoch, author);
  }

  async emit(partition: number, changes: readonly Change[]): Promise<void> {
    for (const { entityType, changes: ofType } of runsOfType(changes)) {
      await this.publisher.publish(
        this.topics.changes[entityType],
        ofType.map((change) => ({ partition, ...encodeChange(change) })),
      );
      this.count(entityType, ofType);
    }
  }

  emitWatermarks(partition: number, watermarks: readonly WatermarkFields[]): Promise<void> {
    return this.publisher.publishAll(
      watermarks.map((fields) => ({
        topic: this.topics.changes[fields.entityType],
        messages: [{ partition, ...encodeWatermark(fields) }],
      })),
    );
  }

  report(reports: readonly Report[]): Promise<void> {
    return this.publisher.publish(
      this.topics.reports,
      reports.map((report) => ({
        partition: REPORTS_PARTITION,
        key: reportKey(report),
        value: encodeReport(report),
      })),
    );
  }

  private count(entityType: EntityType, changes: readonly Change[]): void {
    const counts = new Map<string, number>();
    for (const { verb } of changes) counts.set(verb, (counts.get(verb) ?? 0) + 1);
    for (const [verb, count] of counts) this.events.inc({ type: entityType, verb }, count);
  }
}

/** The changes in their order, cut where the type changes. */
function runsOfType(changes: readonly Change[]): { entityType: EntityType; changes: Change[] }[] {
  const runs: { entityType: EntityType; changes: Change[] }[] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    if (run?.entityType === change.entityType) run.changes.push(change);
    else runs.push({ entityType: change.entityType, changes: [change] });
  }
  return runs;
}
