/*
 * A consumer of the change topics: one member of a group, one loop for each partition it is handed. It ends when it is
 * stopped, or with the error that no further reading helps against; then nothing behind the last commit is lost.
 */
import { ENTITY_TYPES, topicNames, type EntityType } from '#contracts';
import { BatchConsumer, KafkaConnection, LogReader, partitionCounts } from '#kafka';
import type { BatchContext, LogBatch } from '#kafka';
import { copyOf, type Copy } from './copy.js';
import { ChangeLoop } from './following/change-loop.js';
import { decodeEntries } from './following/decode-entries.js';
import { PlaceStoppedError, TurnOverError, type Outlet, type Place } from './following/ports.js';
import type { RosterConsumerOptions } from './options.js';
import { CallbackOutlet } from './outlet.js';
import { Completeness } from './progress/completeness.js';
import { ParentsFirst } from './progress/parents-first.js';
import type { Partitions } from './progress/progress.js';

const DEFAULT_NAMESPACE = 'rollcall';
const DEFAULT_LIMIT = { ratio: 0.05, floor: 20 };
/** What other processes of the group have passed is looked at this often. */
const LOOK_MS = 1_000;

interface Open {
  readonly consumer: BatchConsumer;
  readonly reader: LogReader;
  readonly outlet: Outlet;
  readonly gate: ParentsFirst | undefined;
}

export class RosterConsumer {
  private readonly copy: Copy;
  private readonly topics: Readonly<Record<EntityType, string>>;
  private readonly loops = new Map<string, ChangeLoop>();
  private end: (error?: Error) => void = () => undefined;
  private readonly ended: Promise<void>;

  constructor(private readonly options: RosterConsumerOptions) {
    this.copy = copyOf(options);
    this.topics = topicNames(options.namespace ?? DEFAULT_NAMESPACE).changes;
    this.ended = new Promise((resolve, reject) => {
      this.end = (error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    this.ended.catch(() => undefined); // `run` gives it, once everything is closed
  }

  /** Resolves when `stop` was called and everything is closed; rejects if it cannot go on. */
  async run(): Promise<void> {
    const connection = new KafkaConnection(this.options.kafka);
    const open = await this.#open(connection);
    const { consumer, reader, gate } = open;
    // What fails here fails where a batch needs it, too.
    const looking = setInterval(() => void gate?.look().catch(() => undefined), LOOK_MS);
    try {
      await consumer.start(Object.values(this.#read()), (batch, context) =>
        this.#handle(open, batch, context),
      );
      await this.ended;
    } finally {
      clearInterval(looking);
      await consumer.close();
      await reader.close();
    }
  }

  /** What is in hand is finished and committed. */
  stop(): void {
    this.end();
  }

  async #open(connection: KafkaConnection): Promise<Open> {
    const { copy, options } = this;
    const counts = await partitionCounts(connection, Object.values(this.#read()));
    const partitions: Partitions = Object.fromEntries(
      copy.types.map((type) => [type, counts.get(this.topics[type]) ?? 0]),
    );
    const consumer = new BatchConsumer({ connection, groupId: copy.groupId, onCrash: this.end });
    const gate = this.#gate(partitions, consumer);
    const completeness = new Completeness(copy.progress, partitions, async (completed) =>
      options.onComplete?.(completed),
    );
    const outlet = new CallbackOutlet(options, copy, completeness, async () => gate?.look());
    return { consumer, reader: new LogReader(connection), outlet, gate };
  }

  #gate(partitions: Partitions, consumer: BatchConsumer): ParentsFirst | undefined {
    const { parentsFirst = false } = this.options;
    if (parentsFirst === false) return undefined;
    return new ParentsFirst(this.copy.progress, partitions, {
      atMostMs: parentsFirst === true ? undefined : parentsFirst.atMostMs,
      now: () => Date.now(),
      resume: ({ topic, partition }) => {
        consumer.resume(topic, partition);
      },
    });
  }

  async #handle(open: Open, batch: LogBatch, context: BatchContext): Promise<void> {
    const { topic, partition, messages, highWatermark: end } = batch;
    const entityType = ENTITY_TYPES.find((type) => this.topics[type] === topic);
    if (entityType === undefined) throw new TypeError(`no entity type has the topic ${topic}`);
    const place: Place = { topic, entityType, partition };
    const entries = decodeEntries(entityType, messages);
    const admitted = (await open.gate?.admit(place, entries)) ?? entries.length;
    try {
      await this.#loop(open, place).handle({ entries: entries.slice(0, admitted), end }, context);
    } catch (error) {
      if (error instanceof TurnOverError) return;
      if (!(error instanceof PlaceStoppedError)) throw error;
      context.pause();
      this.end(error);
    }
    if (admitted < entries.length && context.isLive()) {
      context.pause();
      await open.gate?.look(); // its parents may have come meanwhile
    }
  }

  #loop({ reader, outlet }: Open, place: Place): ChangeLoop {
    const key = `${place.topic}/${place.partition}`;
    let loop = this.loops.get(key);
    if (loop === undefined) {
      const { stepMs } = this.copy;
      loop = new ChangeLoop(place, {
        store: this.copy.store,
        outlet,
        clock: { now: () => Date.now() },
        failpoint: () => undefined,
        ends: () => reader.ends(place.topic, place.partition),
        service: this.copy.groupId,
        deadLetterLimit: this.options.deadLetterLimit ?? DEFAULT_LIMIT,
        ...(stepMs === undefined ? {} : { stepMs }),
      });
      this.loops.set(key, loop);
    }
    return loop;
  }

  #read(): Partial<Record<EntityType, string>> {
    return Object.fromEntries(this.copy.types.map((type) => [type, this.topics[type]]));
  }
}
