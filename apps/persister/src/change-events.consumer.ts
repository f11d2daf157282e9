import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { ENTITY_TYPES, topicNames, type EntityType } from '#contracts';
import { BatchHandler, type BatchContext, type LogBatch } from '#kafka';
import { Metrics, ServiceLog } from '#service';
import { ChangePersister, type Applied, type Place } from './persisting/change-persister.js';
import { decodeEntries } from './persisting/decode-entries.js';
import { PersisterConfig } from './persister.config.js';

/** Messages per transaction: enough to pay for it, few enough that a slice takes a fraction of a second. */
const SLICE = 1_000;

@Controller()
export class ChangeEventsConsumer {
  private readonly typeOfTopic: ReadonlyMap<string, EntityType>;
  private readonly events;
  private readonly rows;
  private readonly deadLetters;
  private readonly seconds;

  constructor(
    private readonly persister: ChangePersister,
    private readonly log: ServiceLog,
    config: PersisterConfig,
    metrics: Metrics,
  ) {
    const { changes } = topicNames(config.ROLLCALL_NAMESPACE);
    this.typeOfTopic = new Map(ENTITY_TYPES.map((type) => [changes[type], type]));
    this.events = metrics.counter('rollcall_change_events_total', 'change events read', ['type', 'verb']);
    this.rows = metrics.counter('rollcall_rows_total', 'change events by what they did to rows', [
      'type',
      'outcome',
    ]);
    this.deadLetters = metrics.counter('rollcall_dead_letters_total', 'messages that could not be used', [
      'type',
    ]);
    this.seconds = metrics.histogram('rollcall_batch_seconds', 'from a slice of a batch to its commit', [
      'type',
    ]);
  }

  @BatchHandler('changes')
  async handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
    const { topic, partition, messages } = batch;
    const entityType = this.typeOfTopic.get(topic);
    if (entityType === undefined) throw new TypeError(`no entity type has the topic ${topic}`);
    for (let start = 0; start < messages.length && context.isLive(); start += SLICE) {
      const slice = messages.slice(start, start + SLICE);
      const [first, last] = [slice[0], slice.at(-1)];
      if (first === undefined || last === undefined) return;
      const stop = this.seconds.startTimer({ type: entityType });
      const place = { topic, entityType, partition };
      const applied = await this.persister.apply(place, decodeEntries(entityType, slice));
      await context.heartbeat();
      await context.commit(last.offset + 1n);
      stop();
      this.tell(place, applied, [first.offset, last.offset]);
    }
  }

  private tell({ entityType, partition }: Place, applied: Applied, offsets: readonly bigint[]): void {
    const { events, written, deadLetters, passed } = applied;
    let changes = 0;
    for (const [verb, count] of Object.entries(events)) {
      if (count > 0) this.events.inc({ type: entityType, verb }, count);
      changes += count;
    }
    this.rows.inc({ type: entityType, outcome: 'written' }, written);
    this.rows.inc({ type: entityType, outcome: 'ignored' }, Math.max(0, changes - written - deadLetters));
    this.deadLetters.inc({ type: entityType }, deadLetters);
    const watermarks = passed.map(({ districtId, generation }) => ({ districtId, generation }));
    this.log.info('persisted', {
      entityType,
      partition,
      offsets,
      changes,
      written,
      ...(deadLetters > 0 ? { deadLetters } : {}),
      ...(watermarks.length > 0 ? { watermarks } : {}),
    });
  }
}
