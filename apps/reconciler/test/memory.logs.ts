/* One raw partition and its change topics in memory, for the specs of the step loop. */
import {
  ENTITY_TYPES,
  type Change,
  type EntityType,
  type RawMessage,
  type Report,
  type WatermarkFields,
} from '#contracts';
import { digestAttributes, NO_DIGESTS } from '#oneroster';
import { archivedAtMsOf } from '../src/reconciliation/archive-times.js';
import type { LoggedChange, Logs, PlacedMessage, Turn } from '../src/reconciliation/ports.js';
import type { PartitionLoop } from '../src/reconciliation/partition-loop.js';

type Appended = 'changes' | 'watermarks' | 'reports' | 'raw fence' | 'change fence';

export class MemoryLogs implements Logs {
  readonly raw: RawMessage[] = [];
  /** Offset of the first message in `raw`. */
  rawStart = 0n;
  readonly changes: Change[] = [];
  readonly watermarks: WatermarkFields[] = [];
  readonly reports: Report[] = [];
  readonly changeLogs = new Map<EntityType, LoggedChange[]>(ENTITY_TYPES.map((type) => [type, []]));
  /** Called before each append; a test throws here to crash the loop. */
  beforeAppend: (what: Appended) => void | Promise<void> = () => undefined;

  /** An append for which this is true is acknowledged and lost. */
  isLost: (what: Appended) => boolean = () => false;

  /** The answer to an append for which this is true does not come. */
  isUnanswered: (what: Appended) => boolean = () => false;

  append(...messages: readonly RawMessage[]): void {
    this.raw.push(...messages);
  }

  get rawEnd(): bigint {
    return this.rawStart + BigInt(this.raw.length);
  }

  async *readRaw(_partition: number, from: bigint, to: bigint): AsyncIterable<readonly PlacedMessage[]> {
    if (from < this.rawStart || from > this.rawEnd) throw new RangeError('outside the raw log');
    for (let at = from; at < to; at += 2n) yield this.placed(at, at + 2n < to ? at + 2n : to);
  }

  async rawEnds(): Promise<{ start: bigint; end: bigint }> {
    return { start: this.rawStart, end: this.rawEnd };
  }

  async changeEnds(_partition: number, entityType: EntityType): Promise<{ start: bigint; end: bigint }> {
    return { start: 0n, end: BigInt(this.#log(entityType).length) };
  }

  async *readChanges(
    _partition: number,
    entityType: EntityType,
    from: bigint,
    to: bigint,
  ): AsyncIterable<readonly LoggedChange[]> {
    for (let at = from < 0n ? 0n : from; at < to; at += 2n) {
      yield this.#log(entityType).slice(Number(at), Number(at + 2n < to ? at + 2n : to));
    }
  }

  async fenceRaw(_partition: number, epoch: number, author: string): Promise<bigint> {
    await this.beforeAppend('raw fence');
    if (this.isLost('raw fence')) return this.rawEnd;
    this.raw.push({ kind: 'fence', epoch, author });
    return this.rawEnd - 1n;
  }

  async fenceChange(
    _partition: number,
    entityType: EntityType,
    epoch: number,
    author: string,
  ): Promise<bigint | null> {
    await this.beforeAppend('change fence');
    const log = this.#log(entityType);
    if (this.isLost('change fence')) return BigInt(log.length);
    log.push({ kind: 'fence', offset: BigInt(log.length), epoch, author });
    return this.isUnanswered('change fence') ? null : BigInt(log.length - 1);
  }

  async emit(_partition: number, changes: readonly Change[]): Promise<void> {
    await this.beforeAppend('changes');
    this.changes.push(...changes);
    for (const change of changes) {
      const { districtId, gg4lId, verb, generation, epoch, fingerprint, schoolHash, body } = change;
      const log = this.#log(change.entityType);
      const offset = BigInt(log.length);
      log.push({
        kind: 'change',
        offset,
        districtId,
        gg4lId,
        verb,
        generation,
        epoch,
        fingerprint,
        schoolHash,
        digests: body === undefined ? NO_DIGESTS : digestAttributes(change.entityType, body),
        archivedAtMs: archivedAtMsOf(change),
      });
    }
  }

  /** What retention and erasure write. */
  tombstone(districtId: string, entityType: EntityType, gg4lId: string): void {
    const log = this.#log(entityType);
    log.push({ kind: 'tombstone', offset: BigInt(log.length), districtId, entityType, gg4lId });
  }

  async emitWatermarks(_partition: number, watermarks: readonly WatermarkFields[]): Promise<void> {
    await this.beforeAppend('watermarks');
    this.watermarks.push(...watermarks);
    for (const { entityType, districtId, generation, epoch } of watermarks) {
      const log = this.#log(entityType);
      log.push({ kind: 'watermark', offset: BigInt(log.length), districtId, generation, epoch });
    }
  }

  async report(reports: readonly Report[]): Promise<void> {
    await this.beforeAppend('reports');
    this.reports.push(...reports);
  }

  /** Epochs and authors of the fences in a change topic. */
  fences(entityType: EntityType): { epoch: number; author: string }[] {
    return this.#log(entityType).flatMap((message) =>
      message.kind === 'fence' ? [{ epoch: message.epoch, author: message.author }] : [],
    );
  }

  placed(from: bigint, to: bigint): readonly PlacedMessage[] {
    const first = from - this.rawStart;
    return this.raw
      .slice(Number(first), Number(to - this.rawStart))
      .map((message, at) => ({ offset: from + BigInt(at), message }));
  }

  #log(entityType: EntityType): LoggedChange[] {
    return this.changeLogs.get(entityType) ?? [];
  }
}

/** Delivers the raw partition from `from` until the loop has followed all of it; returns the offset behind it. */
export async function deliver(
  loop: Pick<PartitionLoop, 'handle'>,
  logs: MemoryLogs,
  from = 0n,
): Promise<bigint> {
  let next = from;
  for (let turns = 0; next < logs.rawEnd; turns += 1) {
    if (turns > 10_000) throw new Error(`the loop stands still at ${next}`);
    if (next < logs.rawStart) next = logs.rawStart;
    const end = logs.rawEnd;
    let isLive = true;
    const turn: Turn = {
      heartbeat: async () => undefined,
      isLive: () => isLive,
      commit: async (committed) => {
        next = committed;
      },
      seek: (offset) => {
        next = offset;
        isLive = false;
      },
    };
    await loop.handle({ messages: logs.placed(next, end), end }, turn);
  }
  return next;
}
