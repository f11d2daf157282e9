/*
 * Reads change topics from their start into tables, by the persister's own loop, beside the persister: a row is only
 * written by a higher generation, so that who comes first is all the same. At the end of each partition the rows are
 * compared with the last watermarks, as in any first read; what differs is read again up to the end the log then has,
 * and counts as unequal until a later comparison finds it equal. A district whose last watermark is followed by a change
 * cannot be compared, and is named: nothing is known of it.
 */
import type { EntityType } from '#contracts';
import type { LogReader } from '#kafka';
import {
  ChangeLoop,
  decodeEntries,
  type Applied,
  type CopyReport,
  type Entry,
  type PassedWatermark,
  type Place,
  type RosterStore,
  type Turn,
} from '#roster-consumer';
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
  /** Districts whose rows differ from their last watermark, or were not found equal since they did. */
  readonly drifted: readonly string[];
  /** Districts that the topic tells of and that were never compared. */
  readonly uncompared: readonly string[];
  /** Messages that make no row. */
  readonly unusable: number;
}

export class Replay {
  constructor(
    private readonly reader: Pick<LogReader, 'ends' | 'read'>,
    private readonly store: RosterStore,
    private readonly watermarks: Pick<WatermarkStore, 'pass'>,
  ) {}

  async run(place: Place): Promise<Replayed> {
    const { topic, entityType, partition } = place;
    const done: Applied[] = [];
    const seen = new Set<string>();
    let [messages, unusable] = [0, 0];
    let ends = await this.reader.ends(topic, partition);
    let { start: next, end } = ends;
    const turn: Turn = {
      heartbeat: () => Promise.resolve(),
      isLive: () => true,
      commit: (offset) => Promise.resolve(void (next = offset)),
      seek: () => undefined,
    };
    const outlet = {
      report: async (_: readonly CopyReport[], passed: readonly PassedWatermark[]) => {
        if (passed.length > 0) await this.watermarks.pass(passed);
      },
      deadLetter: (letters: readonly unknown[]) => Promise.resolve(void (unusable += letters.length)),
    };
    const clock = { now: () => Date.now() };
    const loop = new ChangeLoop(place, {
      store: this.store,
      outlet,
      clock,
      failpoint: () => undefined,
      ends: async () => (ends = await this.reader.ends(topic, partition)),
    });
    for (let reads = 0; next < end && reads < MOST_READS; reads += 1) {
      let wasSentBack = false;
      turn.seek = (offset) => {
        next = offset;
        end = ends.end;
        wasSentBack = true;
      };
      for await (const batch of this.reader.read(topic, partition, next, end)) {
        const entries = decodeEntries(entityType, batch);
        for (const entry of entries) noteDistrict(seen, entry);
        done.push(...(await loop.handle({ entries, end }, turn)));
        messages += batch.length;
        if (wasSentBack) break;
      }
      // What is behind the last message of the log was emptied by compaction.
      if (!wasSentBack) next = end;
    }
    return { entityType, partition, messages, unusable, ...outcome(done, seen) };
  }
}

/** A district whose watermark was taken away was removed whole. */
function noteDistrict(seen: Set<string>, entry: Entry): void {
  if (entry.kind === 'change' || entry.kind === 'watermark') seen.add(entry.districtId);
  const isWhole = entry.kind === 'tombstone' && entry.gg4lId === undefined;
  if (isWhole && entry.districtId !== undefined) seen.delete(entry.districtId);
}

type Outcome = Pick<Replayed, 'written' | 'passed' | 'drifted' | 'uncompared'>;

function outcome(steps: readonly Applied[], seen: ReadonlySet<string>): Outcome {
  const drifted = new Set<string>();
  const equal = new Set<string>();
  let [written, passed] = [0, 0];
  for (const step of steps) {
    written += step.written;
    for (const { kind, districtId } of step.reports) {
      if (kind === 'passed') passed += 1;
      if (kind === 'drift') drifted.add(districtId);
    }
    for (const districtId of step.equal) {
      drifted.delete(districtId);
      equal.add(districtId);
    }
  }
  const uncompared = [...seen].filter((districtId) => !equal.has(districtId) && !drifted.has(districtId));
  return { written, passed, drifted: [...drifted].sort(), uncompared: uncompared.sort() };
}
