import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler } from '#batch-transport';
import { ENTITY_TYPES, topicNames, type EntityType } from '#contracts';
import type { BatchContext, LogBatch } from '#kafka';
import { failpoint } from '#service';
import { ChangeTopics } from './change-topics.client.js';
import { PassedWatermarks } from './passed-watermarks.js';
import { ChangeLoop } from './persisting/change-loop.js';
import { decodeEntries } from './persisting/decode-entries.js';
import { PlaceStoppedError, type Place } from './persisting/ports.js';
import { PersisterConfig } from './persister.config.js';
import { PostgresRosterStore } from './roster-store/roster.store.js';
import { StepRecorder } from './step-recorder.js';

@Controller()
export class ChangeEventsConsumer {
  private readonly typeOfTopic: ReadonlyMap<string, EntityType>;
  private readonly loops = new Map<string, ChangeLoop>();

  constructor(
    private readonly store: PostgresRosterStore,
    private readonly outlet: PassedWatermarks,
    private readonly topics: ChangeTopics,
    private readonly recorder: StepRecorder,
    config: PersisterConfig,
  ) {
    const { changes } = topicNames(config.ROLLCALL_NAMESPACE);
    this.typeOfTopic = new Map(ENTITY_TYPES.map((type) => [changes[type], type]));
  }

  @BatchHandler('changes')
  async handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
    const { topic, partition, messages, highWatermark } = batch;
    const entityType = this.typeOfTopic.get(topic);
    if (entityType === undefined) throw new TypeError(`no entity type has the topic ${topic}`);
    const place = { topic, entityType, partition };
    const entries = decodeEntries(entityType, messages);
    try {
      const steps = await this.loop(place).handle({ entries, end: highWatermark }, context);
      for (const step of steps) this.recorder.step(place, step);
    } catch (error) {
      if (!(error instanceof PlaceStoppedError)) throw error;
      // The other partitions go on; this one is tried again by the next process that is handed it.
      this.recorder.stopped(place, error);
      context.pause();
    }
  }

  private loop(place: Place): ChangeLoop {
    const key = `${place.topic}/${place.partition}`;
    let loop = this.loops.get(key);
    if (loop === undefined) {
      const { store, outlet } = this;
      const ends = () => this.topics.ends(place);
      const clock = { now: () => Date.now() };
      loop = new ChangeLoop(place, { store, outlet, clock, failpoint, ends });
      this.loops.set(key, loop);
    }
    return loop;
  }
}
