/*
 * One partition of a change topic, followed in steps that are always: store, compare, report, commit. Whatever ends
 * in the middle is delivered again and changes nothing twice, because a row is written only by a higher generation.
 * Where a batch does not follow on the last one, everything is taken up anew: fences as the store knows them, and a
 * first read. A log that ends below what was read from it, or does not hold the fences that were, is another log, and
 * nothing is guessed from that.
 */
import { ChangeStep, type Applied } from './change-step.js';
import { changedDistrict, Comparisons } from './comparisons.js';
import type { Entry } from './decode-entries.js';
import { FenceLine } from './fence-line.js';
import { checkBatch, checkEnds, checkStanding, type ChangeBatch } from './port-checks.js';
import type { LoopPorts, Place, Turn } from './ports.js';
import { anotherTopic, checkFences } from './same-topic.js';
import type { WatermarkEntry } from './sort-entries.js';
import { StepSize } from './step-size.js';

export class ChangeLoop {
  readonly #comparisons = new Comparisons();
  readonly #step: ChangeStep;
  readonly #size: StepSize;
  #fences = FenceLine.EMPTY;
  /** Offset behind what was committed last, or where reading was sent back to. */
  #next: bigint | undefined;

  constructor(
    private readonly place: Place,
    private readonly ports: LoopPorts,
  ) {
    this.#step = new ChangeStep(place, ports, this.#comparisons);
    this.#size = new StepSize(ports.stepMs, ports.deadLetterLimit?.floor);
  }

  /** Takes steps while the turn is live; what is not committed comes again. */
  async handle(batch: ChangeBatch, turn: Turn): Promise<readonly Applied[]> {
    checkBatch(this.place, batch);
    const [first] = batch.entries;
    if (first === undefined) return [];
    if (first.offset !== this.#next) await this.#takeUp(first.offset, batch.end);
    checkFences(this.place, this.#fences, batch.entries);
    const done: Applied[] = [];
    const shadowed = new Set<string>();
    for (let rest = batch.entries; rest.length > 0 && turn.isLive();) {
      const step = this.#stepOf(rest);
      const { applied, fences, drifted } = await this.#step.take(step, this.#fences, shadowed, turn);
      this.#size.took(step.length, applied.seconds * 1000);
      this.#fences = fences;
      done.push(applied);
      await turn.heartbeat();
      if (drifted.length > 0) {
        await this.#readAgain(drifted, turn);
        break;
      }
      await this.#commit(applied.last + 1n, turn);
      rest = rest.slice(step.length);
    }
    return done;
  }

  async #takeUp(first: bigint, end: bigint): Promise<void> {
    const { entityType, partition } = this.place;
    const standing = checkStanding(this.place, await this.ports.store.standing(entityType, partition));
    await this.#checkEnd(standing.highestOffset, end);
    this.#fences = FenceLine.of(standing.fences);
    // Inside a first read compaction leaves gaps; they do not begin another.
    const isGap = this.#next !== undefined && first > this.#next && this.#comparisons.isFirstRead(first);
    if (!isGap) this.#comparisons.beginRead(end);
    this.#next = first;
  }

  async #checkEnd(highestOffset: bigint | null, end: bigint): Promise<void> {
    if (highestOffset === null || highestOffset < end) return;
    const ends = checkEnds(this.place, await this.ports.ends());
    if (highestOffset < ends.end) return;
    throw anotherTopic(this.place, `rows came from offset ${highestOffset}, but the log ends at ${ends.end}`);
  }

  /** Behind a first read it ends before a change of a district whose watermark it holds: rows are compared as of it. */
  #stepOf(entries: readonly Entry[]): readonly Entry[] {
    const passed = new Set<string>();
    for (const [at, entry] of entries.entries()) {
      if (at === this.#size.entries) return entries.slice(0, at);
      if (entry.kind === 'watermark' && !this.#comparisons.isFirstRead(entry.offset)) {
        passed.add(entry.districtId);
      }
      if (passed.has(changedDistrict(entry) ?? '')) return entries.slice(0, at);
    }
    return entries;
  }

  async #commit(next: bigint, turn: Turn): Promise<void> {
    this.ports.failpoint('before-commit');
    await turn.commit(next);
    this.ports.failpoint('after-commit');
    this.#next = next;
  }

  /** Nothing is committed: whoever is handed the partition instead finds the drift itself. */
  async #readAgain(drifted: readonly WatermarkEntry[], turn: Turn): Promise<void> {
    const { start, end } = checkEnds(this.place, await this.ports.ends());
    this.ports.failpoint('before-seek');
    turn.seek(start);
    this.ports.failpoint('after-seek');
    const districtIds = drifted.map(({ districtId }) => districtId);
    this.#comparisons.beginSecondRead(end, districtIds);
    this.#next = start;
  }
}
