import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler, type BatchContext, type LogBatch } from '#kafka';
import { failpoint, Metrics, ServiceLog } from '#service';
import { KafkaLogs } from './kafka.logs.js';
import { RawDecoder } from './raw-decoder.publisher.js';
import { PartitionLoop } from './reconciliation/partition-loop.js';
import { RedisRosterIndex } from './roster-index/redis.roster-index.js';

@Controller()
export class RawLogConsumer {
  private readonly loops = new Map<number, PartitionLoop>();
  private readonly author = randomUUID();
  private readonly records;

  constructor(
    private readonly index: RedisRosterIndex,
    private readonly logs: KafkaLogs,
    private readonly decoder: RawDecoder,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.records = metrics.counter('rollcall_raw_messages_total', 'raw messages read', ['kind']);
  }

  @BatchHandler('raw')
  async handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
    const { partition, highWatermark } = batch;
    const messages = await this.decoder.decode(partition, batch.messages);
    for (const { message } of messages) this.records.inc({ kind: message?.kind ?? 'unreadable' });
    await this.loop(partition).handle({ messages, end: highWatermark }, context);
    const offsets = [messages[0]?.offset, messages.at(-1)?.offset];
    this.log.info('followed', { partition, offsets, messages: messages.length });
  }

  private loop(partition: number): PartitionLoop {
    let loop = this.loops.get(partition);
    if (loop === undefined) {
      const ports = { index: this.index, logs: this.logs, clock: performance, failpoint };
      loop = new PartitionLoop(partition, ports, this.author);
      this.loops.set(partition, loop);
    }
    return loop;
  }
}
