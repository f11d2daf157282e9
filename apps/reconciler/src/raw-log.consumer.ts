import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler } from '#batch-transport';
import type { BatchContext, LogBatch } from '#kafka';
import { failpoint, Metrics, ServiceLog } from '#service';
import { KafkaLogs } from './kafka.logs.js';
import { RawDecoder } from './raw-decoder.publisher.js';
import { PartitionLoop } from './reconciliation/partition-loop.js';
import { PartitionStoppedError } from './reconciliation/partition-stopped.errors.js';
import type { LoopPorts } from './reconciliation/ports.js';
import { RedisRosterIndex } from './roster-index/redis.roster-index.js';

@Controller()
export class RawLogConsumer {
  private readonly loops = new Map<number, PartitionLoop>();
  private readonly author = randomUUID();
  private readonly ports: LoopPorts;
  private readonly records;
  private readonly stopped = new Set<number>();
  private readonly stops;

  constructor(
    index: RedisRosterIndex,
    logs: KafkaLogs,
    private readonly decoder: RawDecoder,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    const rebuilds = metrics.counter('rollcall_rebuilds_total', 'rebuilds of a partition, by outcome', [
      'event',
    ]);
    const note: LoopPorts['note'] = (event, fields) => {
      if (fields['isInstalled'] !== false) rebuilds.inc({ event });
      log.info(event, fields);
    };
    this.ports = { index, logs, clock: performance, failpoint, note };
    this.records = metrics.counter('rollcall_raw_messages_total', 'raw messages read', ['kind']);
    this.stops = metrics.gauge(
      'rollcall_partition_stopped',
      'partitions that wait for an operator: 1 where stopped',
      ['partition'],
    );
  }

  @BatchHandler('raw')
  async handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
    const { partition, highWatermark } = batch;
    const messages = await this.decoder.decode(partition, batch.messages);
    for (const { message } of messages) this.records.inc({ kind: message?.kind ?? 'unreadable' });
    try {
      await this.loop(partition).handle({ messages, end: highWatermark }, context);
    } catch (error) {
      if (!(error instanceof PartitionStoppedError)) throw error;
      return this.stop(error, context);
    }
    const offsets = [messages[0]?.offset, messages.at(-1)?.offset];
    this.log.info('followed', { partition, offsets, messages: messages.length });
  }

  /** What another has taken over does not wait here any more, and is tried again when it comes back. */
  assigned(partitions: readonly number[]): void {
    for (const partition of this.stopped) {
      if (partitions.includes(partition)) continue;
      this.stopped.delete(partition);
      this.stops.set({ partition: String(partition) }, 0);
    }
  }

  /** The other partitions go on; this one is tried again when the process is started again or another takes it over. */
  private stop({ partition, reason }: PartitionStoppedError, context: BatchContext): void {
    this.stopped.add(partition);
    this.stops.set({ partition: String(partition) }, 1);
    this.log.error('partition-stopped', { partition, reason });
    context.pause();
  }

  private loop(partition: number): PartitionLoop {
    let loop = this.loops.get(partition);
    if (loop === undefined) {
      loop = new PartitionLoop(partition, this.ports, this.author);
      this.loops.set(partition, loop);
    }
    return loop;
  }
}
