/* One raw partition and its change topics in memory, for the specs of the step loop. */
import type { Change, RawMessage, Report, WatermarkFields } from '#contracts';
import type { Logs, PlacedMessage, Turn } from '../src/reconciliation/ports.js';
import type { PartitionLoop } from '../src/reconciliation/partition-loop.js';

export class MemoryLogs implements Logs {
  readonly raw: RawMessage[] = [];
  readonly changes: Change[] = [];
  readonly watermarks: WatermarkFields[] = [];
  readonly reports: Report[] = [];
  readonly fences: { epoch: number; author: string }[] = [];
  /** Called before each append; a test throws here to crash the loop. */
  beforeAppend: (what: 'changes' | 'watermarks' | 'reports') => void = () => undefined;

  append(...messages: readonly RawMessage[]): void {
    this.raw.push(...messages);
  }

  async *readRaw(_partition: number, from: bigint, to: bigint): AsyncIterable<readonly PlacedMessage[]> {
    for (let at = from; at < to; at += 2n) yield this.placed(at, at + 2n < to ? at + 2n : to);
  }

  async rawEnds(): Promise<{ start: bigint; end: bigint }> {
    return { start: 0n, end: BigInt(this.raw.length) };
  }

  async surveyChanges(): Promise<{ epoch: number; holdsEvents: boolean }> {
    return {
      epoch: Math.max(0, ...this.fences.map(({ epoch }) => epoch)),
      holdsEvents: this.changes.length > 0,
    };
  }

  async fenceRaw(_partition: number, epoch: number, author: string): Promise<bigint> {
    this.raw.push({ kind: 'fence', epoch, author });
    return BigInt(this.raw.length - 1);
  }

  async fenceChanges(_partition: number, epoch: number, author: string): Promise<boolean> {
    const isFirst = this.fences.every((fence) => fence.epoch < epoch);
    this.fences.push({ epoch, author });
    return isFirst;
  }

  async emit(_partition: number, changes: readonly Change[]): Promise<void> {
    this.beforeAppend('changes');
    this.changes.push(...changes);
  }

  async emitWatermarks(_partition: number, watermarks: readonly WatermarkFields[]): Promise<void> {
    this.beforeAppend('watermarks');
    this.watermarks.push(...watermarks);
  }

  async report(reports: readonly Report[]): Promise<void> {
    this.beforeAppend('reports');
    this.reports.push(...reports);
  }

  placed(from: bigint, to: bigint): readonly PlacedMessage[] {
    return this.raw
      .slice(Number(from), Number(to))
      .map((message, at) => ({ offset: from + BigInt(at), message }));
  }
}

/** Delivers the raw partition from `from` until the loop has followed all of it; returns the offset behind it. */
export async function deliver(loop: PartitionLoop, logs: MemoryLogs, from = 0n): Promise<bigint> {
  let next = from;
  for (let turns = 0; next < BigInt(logs.raw.length); turns += 1) {
    if (turns > 10_000) throw new Error(`the loop stands still at ${next}`);
    const end = BigInt(logs.raw.length);
    const turn: Turn = {
      heartbeat: async () => undefined,
      isLive: () => true,
      commit: async (committed) => {
        next = committed;
      },
      seek: (offset) => {
        next = offset;
      },
    };
    await loop.handle({ messages: logs.placed(next, end), end }, turn);
  }
  return next;
}
