/* All topics of a namespace in memory, and what each service appends to them, message by message. */
import {
  ENTITY_TYPES,
  type Change,
  type DeadLetterFields,
  type EntityType,
  type RawMarker,
  type RawMessage,
  type Report,
  type WatermarkFields,
} from '#contracts';
import { digestAttributes, NO_DIGESTS } from '#oneroster';
import { archivedAtMsOf } from '../../../apps/reconciler/src/reconciliation/archive-times.js';
import type { Placed } from '../../../apps/fetcher/src/ports.js';
import type { LoggedChange, Logs, PlacedMessage } from '../../../apps/reconciler/src/reconciliation/ports.js';
import { PartitionLog } from './partition-log.js';
import { compactionKey, type Published, type Publishing } from './published.js';
import type { Random } from './random.js';
import type { Actor, Scheduler } from './scheduler.js';

export class Topics {
  readonly raw: readonly PartitionLog<RawMessage>[];
  readonly changes: ReadonlyMap<EntityType, readonly PartitionLog<Published>[]>;
  readonly reports = new PartitionLog<Report>('reports');
  readonly deadLetters: DeadLetterFields[] = [];
  /** By which key compaction knows a message. */
  keyOf: (message: Published) => string = compactionKey;
  /** Whether the answer to something that is sent once does not come; it arrives late then, or never. */
  isUnanswered: (arrive: () => void, entityType: EntityType, partition: number) => boolean = () => false;

  constructor(readonly partitions: number) {
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    this.raw = all.map((partition) => new PartitionLog<RawMessage>(`raw/${partition}`));
    this.changes = new Map(
      ENTITY_TYPES.map((type) => [
        type,
        all.map((partition) => new PartitionLog<Published>(`${type}/${partition}`)),
      ]),
    );
  }

  rawOf(partition: number): PartitionLog<RawMessage> {
    return known(this.raw[partition]);
  }

  changesOf(type: EntityType, partition: number): PartitionLog<Published> {
    return known(this.changes.get(type)?.[partition]);
  }
}

/** What is asked for is not in the log (any more): the log reader's OffsetOutOfRangeError. */
export class OutsideLogError extends Error {}

/** At most so many messages are read in one step. */
const READ_AT_ONCE = 12;

/** A service's way to the topics: every append and every read is a step of its own. */
export class Writer {
  constructor(
    private readonly topics: Topics,
    private readonly scheduler: Scheduler,
    private readonly actor: Actor,
    private readonly random: Random,
    /** Called before a change topic is written to, and before a raw log is fenced. */
    private readonly before: {
      readonly publish?: (publishing: Publishing) => void;
      readonly fenceRaw?: () => void;
    } = {},
  ) {}

  async raw(messages: readonly Placed[]): Promise<void> {
    for (let partition = 0; partition < this.topics.partitions; partition += 1) {
      const own = messages.filter((placed) => placed.partition === partition);
      if (own.length === 0) continue;
      await this.scheduler.step(this.actor);
      for (const { message } of own) this.topics.rawOf(partition).append(message);
    }
    if (this.random.oneIn(4)) await this.scheduler.step(this.actor);
  }

  marker(marker: RawMarker, partitions: readonly number[]): Promise<void> {
    return this.raw(partitions.map((partition) => ({ partition, message: marker })));
  }

  async report(reports: readonly Report[]): Promise<void> {
    await this.scheduler.step(this.actor);
    for (const report of reports) this.topics.reports.append(report);
    if (this.random.oneIn(4)) await this.scheduler.step(this.actor);
  }

  async deadLetters(letters: readonly DeadLetterFields[]): Promise<void> {
    await this.scheduler.step(this.actor);
    this.topics.deadLetters.push(...letters);
  }

  async publish(type: EntityType, partition: number, messages: readonly Published[]): Promise<number> {
    this.before.publish?.({ entityType: type, partition, messages });
    await this.scheduler.step(this.actor);
    const log = this.topics.changesOf(type, partition);
    let offset = log.end;
    for (const message of messages) offset = log.append(message, this.topics.keyOf(message));
    if (this.random.oneIn(4)) await this.scheduler.step(this.actor);
    return offset;
  }

  async fenceRaw(partition: number, epoch: number, author: string): Promise<bigint> {
    this.before.fenceRaw?.();
    await this.step();
    return BigInt(this.topics.rawOf(partition).append({ kind: 'fence', epoch, author }));
  }

  step(): Promise<void> {
    return this.scheduler.step(this.actor);
  }

  /** What is read, a random number of messages a step. */
  async *inParts<M>(entries: readonly M[]): AsyncGenerator<readonly M[]> {
    for (let at = 0; at < entries.length;) {
      await this.step();
      const behind = at + 1 + this.random.below(READ_AT_ONCE);
      yield entries.slice(at, behind);
      at = behind;
    }
  }
}

/** What the reconciler's step loop needs of the logs. */
export class ReconcilerLogs implements Logs {
  constructor(
    private readonly topics: Topics,
    private readonly writer: Writer,
  ) {}

  async *readRaw(partition: number, from: bigint, to: bigint): AsyncIterable<readonly PlacedMessage[]> {
    const log = this.topics.rawOf(partition);
    if (Number(from) < log.start || Number(from) > log.end) throw new OutsideLogError('outside the raw log');
    const entries = log.read(Number(from), Number(to));
    for await (const part of this.writer.inParts(entries))
      yield part.map(({ offset, message }) => ({ offset: BigInt(offset), message }));
  }

  async rawEnds(partition: number): Promise<{ start: bigint; end: bigint }> {
    await this.writer.step();
    const { start, end } = this.topics.rawOf(partition);
    return { start: BigInt(start), end: BigInt(end) };
  }

  async changeEnds(partition: number, type: EntityType): Promise<{ start: bigint; end: bigint }> {
    await this.writer.step();
    const { start, end } = this.topics.changesOf(type, partition);
    return { start: BigInt(start), end: BigInt(end) };
  }

  async *readChanges(
    partition: number,
    type: EntityType,
    from: bigint,
    to: bigint,
  ): AsyncIterable<readonly LoggedChange[]> {
    const entries = this.topics.changesOf(type, partition).read(Number(from), Number(to));
    for await (const part of this.writer.inParts(entries))
      yield part.map(({ offset, message }) => toLogged(offset, message));
  }

  fenceRaw(partition: number, epoch: number, author: string): Promise<bigint> {
    return this.writer.fenceRaw(partition, epoch, author);
  }

  async fenceChange(
    partition: number,
    type: EntityType,
    epoch: number,
    author: string,
  ): Promise<bigint | null> {
    const fields = { entityType: type, partition, epoch, author };
    const message: Published = { kind: 'fence', fields };
    const log = this.topics.changesOf(type, partition);
    const arrive = (): void => void log.put(message, this.topics.keyOf(message));
    if (this.topics.isUnanswered(arrive, type, partition)) {
      await this.writer.step();
      return null;
    }
    return BigInt(await this.writer.publish(type, partition, [message]));
  }

  async emit(partition: number, changes: readonly Change[]): Promise<void> {
    for (let at = 0; at < changes.length;) {
      const type = changes[at]?.entityType;
      let behind = at;
      while (behind < changes.length && changes[behind]?.entityType === type) behind += 1;
      const run = changes.slice(at, behind).map((change): Published => ({ kind: 'change', change }));
      if (type !== undefined) await this.writer.publish(type, partition, run);
      at = behind;
    }
  }

  async emitWatermarks(partition: number, watermarks: readonly WatermarkFields[]): Promise<void> {
    for (const fields of watermarks) {
      await this.writer.publish(fields.entityType, partition, [{ kind: 'watermark', fields }]);
    }
  }

  report(reports: readonly Report[]): Promise<void> {
    return this.writer.report(reports);
  }
}

function toLogged(at: number, message: Published): LoggedChange {
  const offset = BigInt(at);
  switch (message.kind) {
    case 'change': {
      const { districtId, gg4lId, verb, generation, epoch, fingerprint, schoolHash } = message.change;
      const { entityType, body } = message.change;
      const event = { districtId, gg4lId, verb, generation, epoch, fingerprint, schoolHash };
      const digests = body === undefined ? NO_DIGESTS : digestAttributes(entityType, body);
      return { kind: 'change', offset, ...event, digests, archivedAtMs: archivedAtMsOf(message.change) };
    }
    case 'watermark': {
      const { districtId, generation, epoch } = message.fields;
      return { kind: 'watermark', offset, districtId, generation, epoch };
    }
    case 'fence':
      return { kind: 'fence', offset, epoch: message.fields.epoch, author: message.fields.author };
  }
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw new RangeError('no such partition');
  return found;
}
