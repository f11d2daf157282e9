/** The topics of a namespace: what the change topics hold, and what is done to topics from outside. */
import {
  decodeChangeMessage,
  encodeRawMessage,
  MalformedMessageError,
  topicNames,
  type ChangeMessage,
  type ChangeVerb,
  type EntityType,
  type TopicNames,
} from '#contracts';
import { ConsumerLag, KafkaConnection, LogPublisher, LogReader, NamespaceWipe } from '#kafka';
import { GroupMembers } from './group-members.js';

export const PARTITIONS = 3;

export interface PublishedEvent {
  readonly id: string;
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly verb: ChangeVerb;
  readonly gg4lId: string;
  readonly generation: number;
}

export const GROUPS = ['reconciler', 'persister', 'coordinator'] as const;
export type Group = (typeof GROUPS)[number];

export class Topics {
  readonly names: TopicNames;
  readonly connection: KafkaConnection;
  readonly #reader: LogReader;
  readonly #publisher: LogPublisher;
  readonly #lag: ConsumerLag;
  readonly #readTo = new Map<string, bigint>();
  readonly #known = new Map<string, { readonly to: bigint; readonly events: readonly PublishedEvent[] }>();

  constructor(
    private readonly namespace: string,
    brokers: string,
  ) {
    this.names = topicNames(namespace);
    this.connection = new KafkaConnection({ brokers: brokers.split(','), clientId: 'rollcall-pipeline' });
    this.#reader = new LogReader(this.connection);
    this.#publisher = new LogPublisher(this.connection);
    this.#lag = new ConsumerLag(this.connection);
  }

  /** Every event ever published, in the order of its partition; with all their repeats. */
  async events(): Promise<readonly PublishedEvent[]> {
    const places = Object.values(this.names.changes).flatMap((topic) =>
      Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })),
    );
    const events: PublishedEvent[] = [];
    for (const { topic, partition } of places) events.push(...(await this.#eventsOf(topic, partition)));
    return events;
  }

  /** Only what came since the last call is read. */
  async #eventsOf(topic: string, partition: number): Promise<readonly PublishedEvent[]> {
    const place = `${topic}/${partition}`;
    const { start, end } = await this.#reader.ends(topic, partition);
    const known = this.#known.get(place) ?? { to: start, events: [] };
    const events = [...known.events];
    for await (const messages of this.#reader.read(topic, partition, known.to, end)) {
      events.push(...messages.flatMap(({ value }) => (value === null ? [] : eventIn(value))));
    }
    this.#known.set(place, { to: end, events });
    return events;
  }

  /** Every message of the change topics that came since the last call, in the order of its partition. */
  async newChanges(): Promise<readonly ChangeMessage[]> {
    const changes: ChangeMessage[] = [];
    for (const topic of Object.values(this.names.changes)) {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const place = `${topic}/${partition}`;
        const { start, end } = await this.#reader.ends(topic, partition);
        const from = this.#readTo.get(place) ?? start;
        this.#readTo.set(place, end);
        for await (const messages of this.#reader.read(topic, partition, from, end)) {
          const read = messages.map(({ value }) => (value === null ? null : readChange(value)));
          changes.push(...read.filter((change) => change !== null));
        }
      }
    }
    return changes;
  }

  /** All values of a change topic by key, in the order of their partition; null is a tombstone. */
  async valuesOf(type: EntityType): Promise<ReadonlyMap<string, readonly (Buffer | null)[]>> {
    const topic = this.names.changes[type];
    const values = new Map<string, (Buffer | null)[]>();
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const { start, end } = await this.#reader.ends(topic, partition);
      for await (const messages of this.#reader.read(topic, partition, start, end)) {
        for (const { key, value } of messages) {
          const name = key?.toString() ?? '';
          values.set(name, [...(values.get(name) ?? []), value]);
        }
      }
    }
    return values;
  }

  /** Types of the events of a district's runs and of itself, in their order. */
  async told(districtId: string): Promise<readonly string[]> {
    const types: string[] = [];
    const { start, end } = await this.#reader.ends(this.names.snapshots, 0);
    for await (const messages of this.#reader.read(this.names.snapshots, 0, start, end)) {
      for (const { value } of messages) {
        const { source, type } = JSON.parse(String(value)) as { source: string; type: string };
        if (source === `/districts/${districtId}`) types.push(type);
      }
    }
    return types;
  }

  /** The offset behind the last message; 0 where there is no such partition. */
  async end(topic: string, partition: number): Promise<bigint> {
    const isSingle = [this.names.snapshots, this.names.reports, this.names.deadLetters].includes(topic);
    return isSingle && partition > 0 ? 0n : (await this.#reader.ends(topic, partition)).end;
  }

  /** Appends what nobody can read; its offset. */
  async spoil(topic: string, partition: number, value = Buffer.from([7, 0, 255, 1])): Promise<bigint> {
    await this.#publisher.connect();
    await this.#publisher.publish(topic, [{ partition, key: 'spoilt', value }]);
    return (await this.#reader.ends(topic, partition)).end - 1n;
  }

  /** Appends to the raw log what says nothing to anybody, until it ends there at least. */
  async growRaw(partition: number, end: bigint): Promise<void> {
    const value = encodeRawMessage({ kind: 'fence', epoch: 1, author: 'nobody' });
    const missing = Number(end - (await this.end(this.names.raw, partition)));
    if (missing <= 0) return;
    await this.#publisher.connect();
    const messages = Array.from({ length: missing }, () => ({ partition, key: null, value }));
    await this.#publisher.publish(this.names.raw, messages);
  }

  lag(group: Group): Promise<bigint> {
    const { raw, reports, deadLetters, changes } = this.names;
    const topics = {
      reconciler: [raw],
      coordinator: [reports],
      persister: [...Object.values(changes), deadLetters],
    };
    return this.#lag.of(this.groupId(group), topics[group]);
  }

  /** The broker forgets the members of a group; how many there were. */
  expel(group: Group): Promise<number> {
    return new GroupMembers(this.connection).expel(this.groupId(group));
  }

  /** The services, which must be stopped, will read every topic from its start. */
  async forgetPlaces(): Promise<void> {
    await new NamespaceWipe(this.connection).wipe({ topics: [], groupPrefix: `${this.namespace}.` });
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader.close(), this.#publisher.close(), this.#lag.close()]);
  }

  private groupId(group: Group): string {
    return `${this.namespace}.${group}`;
  }
}

function eventIn(value: Buffer): PublishedEvent[] {
  const message = readChange(value);
  if (message?.kind !== 'change') return [];
  const { districtId, entityType, verb, event } = message;
  const { id, subject, generation } = event;
  return [{ id, districtId, entityType, verb, gg4lId: subject, generation }];
}

/** null: what a case spoilt. */
function readChange(value: Buffer): ChangeMessage | null {
  try {
    return decodeChangeMessage(value);
  } catch (error) {
    if (error instanceof MalformedMessageError) return null;
    throw error;
  }
}
