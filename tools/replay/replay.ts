/*
 * Reads change topics from their start into tables, by the persister's own loop, beside the persister: a row is only
 * written by a higher generation, so that who comes first is all the same. At the end of each partition the rows are
 * compared with the last watermarks, as in any first read.
 */
import type { EntityType } from '#contracts';
import type { LogReader } from '#kafka';
import { ChangeLoop, decodeEntries, type CopyReport, type Place, type Turn } from '#roster-consumer';
import type { PostgresRosterStore } from '../../apps/persister/src/roster-store/roster.store.js';
import type { WatermarkStore } from '../../apps/persister/src/roster-store/watermark.store.js';

/** A first read, and a second of what has drifted. */
const MOST_READS = 3;

export interface Replayed {
  readonly entityType: EntityType;
  readonly partition: number;
  readonly messages: number;
  readonly written: number;
  /** Watermarks that the rows were found equal to, or that cannot be compared because rows are newer. */
  readonly passed: number;
  /** Districts whose rows differ from their last watermark. */
  readonly drifted: readonly string[];
  /** Messages that make no row. */
  readonly unusable: number;
}

export class Replay {
  constructor(
    private readonly reader: LogReader,
    private readonly store: PostgresRosterStore,
    private readonly watermarks: WatermarkStore,
  ) {}

  async run(place: Place): Promise<Replayed> {
    const { topic, entityType, partition } = place;
    const reports: CopyReport[] = [];
    let [messages, written, unusable] = [0, 0, 0];
    const ends = () => this.reader.ends(topic, partition);
    const { start, end } = await ends();
    let next = start;
    const turn: Turn = {
      heartbeat: () => Promise.resolve(),
      isLive: () => true,
      commit: (offset) => Promise.resolve(void (next = offset)),
      seek: () => undefined,
    };
    const outlet = {
      report: async (made: readonly CopyReport[]) => {
        const passed = made.filter((report) => report.kind === 'passed');
        if (passed.length > 0) await this.watermarks.pass(passed);
        reports.push(...made);
      },
      deadLetter: (letters: readonly unknown[]) => Promise.resolve(void (unusable += letters.length)),
    };
    const clock = { now: () => Date.now() };
    const loop = new ChangeLoop(place, {
      store: this.store,
      outlet,
      clock,
      failpoint: () => undefined,
      ends,
    });
    for (let reads = 0; next < end && reads < MOST_READS; reads += 1) {
      let wasSentBack = false;
      turn.seek = (offset) => {
        next = offset;
        wasSentBack = true;
      };
      for await (const batch of this.reader.read(topic, partition, next, end)) {
        const steps = await loop.handle({ entries: decodeEntries(entityType, batch), end }, turn);
        messages += batch.length;
        written += steps.reduce((sum, step) => sum + step.written, 0);
        if (wasSentBack) break;
      }
      // What is behind the last message of the log was emptied by compaction.
      if (!wasSentBack) next = end;
    }
    return { entityType, partition, messages, written, unusable, ...verdict(reports) };
  }
}

function verdict(reports: readonly CopyReport[]): Pick<Replayed, 'passed' | 'drifted'> {
  const survived = reports.flatMap((report) =>
    report.kind === 'drift' && report.survived ? [report.districtId] : [],
  );
  return {
    passed: reports.filter(({ kind }) => kind === 'passed').length,
    drifted: [...new Set(survived)].sort(),
  };
}
