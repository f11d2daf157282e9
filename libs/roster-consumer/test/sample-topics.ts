/* Change topics on a real broker, written as the reconciler writes them: each record in its own partition, fences, watermarks. */
import {
  changeKey,
  encodeFence,
  ENTITY_TYPES,
  partitionOf,
  recordHash,
  topicNames,
  topicSpecs,
  type EntityType,
} from '#contracts';
import { ensureTopics, NamespaceWipe } from '#kafka';
import { KafkaGround } from '../../kafka/test/kafka.ground.js';
import {
  digestOf,
  encodeSample,
  encodeSampleWatermark,
  timeOf,
  type SampleChange,
} from './sample-changes.js';

export const PARTITIONS = 3;
const DISTRICT = 'district-1';
type PerType = Partial<Record<EntityType, readonly SampleChange[]>>;

export class SampleTopics extends KafkaGround {
  readonly namespace = `kit${Math.random().toString(36).slice(2)}`;
  readonly names = topicNames(this.namespace).changes;
  readonly #written = new Map<EntityType, SampleChange[]>();
  #publisher: Awaited<ReturnType<KafkaGround['publisher']>> | undefined;

  async create(): Promise<this> {
    await ensureTopics(this.connection, topicSpecs(this.namespace, PARTITIONS));
    this.#publisher = await this.publisher();
    for (const type of ENTITY_TYPES) {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        await this.fence(type, partition, 1);
      }
    }
    return this;
  }

  /** All topics are deleted and made again under their names. */
  async makeAnew(): Promise<this> {
    const topics = topicSpecs(this.namespace, PARTITIONS).map(({ topic }) => topic);
    await new NamespaceWipe(this.connection).wipe({ topics, groupPrefix: `${this.namespace}.` });
    this.#written.clear();
    return this.create();
  }

  async fence(type: EntityType, partition: number, epoch: number): Promise<void> {
    const fence = { entityType: type, partition, epoch, author: `author-${epoch}`, time: timeOf(0) };
    const { key, value } = encodeFence(fence);
    await this.raw(type, partition, key, value);
  }

  partition(type: EntityType, id: string, district = DISTRICT): number {
    return partitionOf(recordHash(district, type, id), PARTITIONS);
  }

  async raw(type: EntityType, partition: number, key: string, value: Buffer | null): Promise<void> {
    await this.#publisher?.publish(this.names[type], [{ partition, key, value }]);
  }

  /** Changes of one type; they count in watermarks written after them. */
  async write(type: EntityType, changes: readonly SampleChange[]): Promise<void> {
    const messages = changes.map((change) => ({
      partition: this.partition(type, change.id, change.district),
      key: changeKey(change.district ?? DISTRICT, type, change.id),
      value: encodeSample(type, change),
    }));
    await this.#publisher?.publish(this.names[type], messages);
    this.#written.set(type, [...(this.#written.get(type) ?? []), ...changes]);
  }

  /** The watermarks of a type for all partitions, of one district. */
  async watermarks(type: EntityType, generation: number, district = DISTRICT): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const value = encodeSampleWatermark(type, {
        ...{ generation, district, partition },
        ...digestOf(this.holds(type, partition, district)),
      });
      await this.raw(type, partition, `!watermark/${district}`, value);
    }
  }

  /** A whole run of a district: all changes, then the watermarks of all types, children before parents. */
  async completedRun(generation: number, changes: PerType, district = DISTRICT): Promise<void> {
    for (const type of ENTITY_TYPES) await this.write(type, changes[type] ?? []);
    for (const type of [...ENTITY_TYPES].reverse()) await this.watermarks(type, generation, district);
  }

  /** What a partition's records of a district went through. */
  holds(type: EntityType, partition: number, district = DISTRICT): readonly SampleChange[] {
    return (this.#written.get(type) ?? []).filter(
      ({ id, district: of = DISTRICT }) => of === district && this.partition(type, id, of) === partition,
    );
  }
}
