import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler } from '#batch-transport';
import { ENTITY_TYPES, topicNames, type EntityType } from '#contracts';
import type { BatchContext, LogBatch } from '#kafka';
import { ChangeLoop, decodeEntries, PlaceStoppedError, type LoopPorts, type Place } from '#roster-consumer';
import { failpoint } from '#service';
import { ChangeTopics } from './change-topics.client.js';
import { PassedWatermarks } from './passed-watermarks.js';
import { PersisterConfig } from './persister.config.js';
import { PostgresRosterStore } from './roster-store/roster.store.js';
import { StepRecorder } from './step-recorder.js';

/** So many of a partition are no reason to stop it. */
const FEW_DEAD_LETTERS = 20;

@Controller()
export class ChangeEventsConsumer {
  private readonly typeOfTopic: ReadonlyMap<string, EntityType>;
  private readonly loops = new Map<string, ChangeLoop>();

  constructor(
    private readonly store: PostgresRosterStore,
    private readonly outlet: PassedWatermarks,
    private readonly topics: ChangeTopics,
    private readonly recorder: StepRecorder,
    private readonly config: PersisterConfig,
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
      this.recorder.stop(place, error);
      context.pause();
    }
  }

  private loop(place: Place): ChangeLoop {
    const key = `${place.topic}/${place.partition}`;
    let loop = this.loops.get(key);
    if (loop === undefined) {
      loop = new ChangeLoop(place, this.portsOf(place));
      this.loops.set(key, loop);
    }
    return loop;
  }

  private portsOf(place: Place): LoopPorts {
    const { store, outlet } = this;
    return {
      store,
      outlet,
      clock: { now: () => Date.now() },
      failpoint: (name) => {
        failpoint(`persister.${name}`);
      },
      ends: () => this.topics.ends(place),
      service: 'persister',
      deadLetterLimit: {
        ratio: this.config.PERSISTER_DEAD_LETTERS_PERCENT / 100,
        floor: FEW_DEAD_LETTERS,
      },
    };
  }
}
