/*
 * One step of a consumer: store, compare, report; the caller commits the log's offset after that, and in no other
 * order. A watermark is reported as passed when what is above it is stored and no comparison calls for a second read;
 * in that case it is reported in the second read.
 */
import type { ChangeVerb } from '#contracts';
import type { Comparisons } from './comparisons.js';
import { DeadLetterRate } from './dead-letter-rate.js';
import { isUsableName, type ChangeEntry, type Entry } from './decode-entries.js';
import type { FenceLine } from './fence-line.js';
import { deadLetters, driftReport, passedReport, passedWatermark } from './messages-out.js';
import { checkCount, checkDigest } from './port-checks.js';
import type { LoopPorts, CopyReport, PassedWatermark, Place, Turn } from './ports.js';
import { sortEntries, type SortedEntries, type WatermarkEntry } from './sort-entries.js';
import { storeChanges, type Stored } from './store-changes.js';

/** What a step did, for logs and metrics. */
export interface Applied {
  readonly first: bigint;
  readonly last: bigint;
  readonly events: Readonly<Record<ChangeVerb, number>>;
  readonly fenced: number;
  /** Rows written; the other events were fenced, repeats, late, or followed by another of the same id. */
  readonly written: number;
  readonly deadLetters: number;
  /** Events of a type that came later, passed over. */
  readonly unknown: number;
  readonly reports: readonly CopyReport[];
  /** Districts whose rows were compared, and found equal to their last watermark. */
  readonly equal: readonly string[];
  readonly seconds: number;
}

export interface Taken {
  readonly applied: Applied;
  readonly fences: FenceLine;
  /** Watermarks for which the topic is to be read again. */
  readonly drifted: readonly WatermarkEntry[];
}

interface Compared {
  readonly reports: readonly CopyReport[];
  readonly passed: readonly PassedWatermark[];
  readonly equal: readonly string[];
  readonly drifted: readonly WatermarkEntry[];
  readonly survived: readonly WatermarkEntry[];
}

const ANY_SERVICE = 'consumer';

export class ChangeStep {
  readonly #deadLetterRate: DeadLetterRate;

  constructor(
    private readonly place: Place,
    private readonly ports: LoopPorts,
    private readonly comparisons: Comparisons,
  ) {
    this.#deadLetterRate = new DeadLetterRate(place, ports.deadLetterLimit);
  }

  /** `shadowed`: districts whose shadows this batch has reported already; those of the step are added. */
  async take(step: readonly Entry[], fences: FenceLine, shadowed: Set<string>, turn: Turn): Promise<Taken> {
    const startedAt = this.ports.clock.now();
    const [first, last] = [step[0], step.at(-1)];
    if (first === undefined || last === undefined) throw new Error('a step is never empty');
    const sorted = sortEntries(step, fences);
    const stored = await this.#store(sorted, turn);
    this.comparisons.note(step, sorted.watermarks);
    const next = last.offset + 1n;
    const compared = await this.#compare(sorted.watermarks, next, turn);
    const shadows = await this.#shadows(sorted, stored, shadowed);
    const reports = [...shadows, ...compared.reports];
    const unusable = [...sorted.unusable, ...stored.refused];
    this.#deadLetterRate.check(step.length, unusable);
    const letters = deadLetters(this.place, unusable, startedAt, this.ports.service ?? ANY_SERVICE);
    await this.#announce(letters, reports, compared.passed);
    this.#deadLetterRate.note(step.length, unusable.length);
    for (const { districtId } of shadows) shadowed.add(districtId);
    this.comparisons.survived(compared.survived);
    if (compared.drifted.length === 0) this.comparisons.settle(next);
    const applied = {
      first: first.offset,
      last: last.offset,
      events: countVerbs([...sorted.changes, ...sorted.fenced]),
      fenced: sorted.fenced.length,
      written: stored.written,
      deadLetters: unusable.length,
      unknown: sorted.unknown,
      reports,
      equal: compared.equal,
      seconds: (this.ports.clock.now() - startedAt) / 1000,
    };
    return { applied, fences: sorted.fences, drifted: compared.drifted };
  }

  async #store({ changes, toStore, newFences }: SortedEntries, turn: Turn): Promise<Stored> {
    if (toStore.length === 0 && newFences.length === 0) return { written: 0, refused: [] };
    this.ports.failpoint('before-store');
    const stored = await storeChanges(this.ports.store, this.place, toStore, newFences, turn);
    this.ports.failpoint('after-store');
    checkCount(this.place, stored.written, 'the number of rows written', changes.length);
    return stored;
  }

  async #compare(watermarks: readonly WatermarkEntry[], next: bigint, turn: Turn): Promise<Compared> {
    const { entityType, partition } = this.place;
    const drifts: CopyReport[] = [];
    const equal: string[] = [];
    const drifted: WatermarkEntry[] = [];
    const survived: WatermarkEntry[] = [];
    for (const watermark of this.comparisons.due(next)) {
      const found = await this.ports.store.digest?.(watermark.districtId, entityType, partition);
      if (found === undefined) break; // it cannot be counted
      const verdict = this.comparisons.judge(watermark, checkDigest(this.place, found));
      await turn.heartbeat();
      if (verdict === 'equal') equal.push(watermark.districtId);
      if (verdict !== 'drifted' && verdict !== 'survived') continue;
      (verdict === 'drifted' ? drifted : survived).push(watermark);
      drifts.push(driftReport(this.place, watermark, found, verdict === 'survived'));
    }
    const passed = watermarks
      .filter((watermark) => !drifted.includes(watermark))
      .map((watermark) => passedWatermark(this.place, watermark));
    return { reports: [...drifts, ...passed.map(passedReport)], passed, equal, drifted, survived };
  }

  /** Asks the store only if some event was fenced or not written, and never of what it cannot hold. */
  async #shadows(
    { changes, fenced }: SortedEntries,
    { written, refused }: Stored,
    shadowed: ReadonlySet<string>,
  ): Promise<readonly (CopyReport & { kind: 'shadow' })[]> {
    const { entityType, partition } = this.place;
    const offsets = new Set(refused.map(({ offset }) => offset));
    const held = offsets.size === 0 ? changes : changes.filter(({ offset }) => !offsets.has(offset));
    const events = [
      ...(written < held.length ? held : []).map((entry) => overtaken(entry, false)),
      ...fenced.map((entry) => overtaken(entry, true)),
    ].filter(({ gg4lId }) => isUsableName(gg4lId));
    const { store } = this.ports;
    if (events.length === 0 || store.shadowed === undefined) return [];
    const districtIds = await store.shadowed(entityType, events, partition);
    return districtIds
      .filter((districtId) => !shadowed.has(districtId))
      .map((districtId) => ({ kind: 'shadow', districtId, entityType }));
  }

  async #announce(
    letters: ReturnType<typeof deadLetters>,
    reports: readonly CopyReport[],
    passed: readonly PassedWatermark[],
  ): Promise<void> {
    const { outlet, failpoint } = this.ports;
    if (letters.length > 0) {
      failpoint('before-dead-letter');
      await outlet.deadLetter(letters);
      failpoint('after-dead-letter');
    }
    if (reports.length > 0) {
      failpoint('before-report');
      await outlet.report(reports, passed);
      failpoint('after-report');
    }
  }
}

function overtaken({ districtId, offset, event }: ChangeEntry, fenced: boolean) {
  return { districtId, gg4lId: event.subject, offset, generation: event.generation, fenced };
}

function countVerbs(changes: readonly ChangeEntry[]): Record<ChangeVerb, number> {
  const counts = { created: 0, updated: 0, archived: 0, restored: 0 };
  for (const { verb } of changes) counts[verb] += 1;
  return counts;
}
