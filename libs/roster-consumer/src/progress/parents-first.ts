/*
 * Holds back changes until the watermarks of their generation were passed by all partitions of all parent types. What is
 * held back stays in Kafka: the partition is paused, so that nothing piles up, and resumed when its parents are there.
 * An event of a run that never completed waits for the district's next completed run.
 */
import type { Entry } from '../following/decode-entries.js';
import type { Place } from '../following/ports.js';
import { completeTo, parentsOf, typesOf, type Partitions, type Progress } from './progress.js';

interface Waiting {
  readonly place: Place;
  readonly districtId: string;
  readonly generation: number;
  readonly since: number;
}

export interface ParentsFirstOptions {
  /** After so long a change is handed out without its parents; without a number it waits for ever. */
  readonly atMostMs?: number | undefined;
  readonly now: () => number;
  readonly resume: (place: Place) => void;
}

export class ParentsFirst {
  readonly #waiting = new Map<string, Waiting>();

  constructor(
    private readonly progress: Progress,
    private readonly partitions: Partitions,
    private readonly options: ParentsFirstOptions,
  ) {}

  /** How many of the first entries may be handed out; the place waits if these are not all. */
  async admit(place: Place, entries: readonly Entry[]): Promise<number> {
    const complete = new Map<string, number>();
    for (const [at, entry] of entries.entries()) {
      if (entry.kind !== 'change') continue;
      const { districtId } = entry;
      let generation = complete.get(districtId);
      if (generation === undefined) {
        complete.set(districtId, (generation = await this.#parentsComplete(place, districtId)));
      }
      if (generation >= entry.event.generation) continue;
      if (this.#waitedLong(place, entry.districtId, entry.event.generation)) continue;
      this.#wait({ place, districtId, generation: entry.event.generation, since: this.options.now() });
      return at;
    }
    this.#waiting.delete(keyOf(place));
    return entries.length;
  }

  /** Resumes the places that need not wait any longer. */
  async look(): Promise<void> {
    for (const { place, districtId, generation } of [...this.#waiting.values()]) {
      const isComplete = (await this.#parentsComplete(place, districtId)) >= generation;
      if (isComplete || this.#waitedLong(place, districtId, generation)) this.options.resume(place);
    }
  }

  async #parentsComplete({ entityType }: Place, districtId: string): Promise<number> {
    const parents = parentsOf(entityType, typesOf(this.partitions));
    if (parents.length === 0) return Number.POSITIVE_INFINITY;
    return completeTo(await this.progress.passed(districtId), parents, this.partitions);
  }

  #wait(waiting: Waiting): void {
    const before = this.#waiting.get(keyOf(waiting.place));
    const isSame = before?.districtId === waiting.districtId && before.generation === waiting.generation;
    if (!isSame) this.#waiting.set(keyOf(waiting.place), waiting);
  }

  #waitedLong(place: Place, districtId: string, generation: number): boolean {
    const waiting = this.#waiting.get(keyOf(place));
    const { atMostMs, now } = this.options;
    if (waiting === undefined || atMostMs === undefined) return false;
    const isSame = waiting.districtId === districtId && waiting.generation === generation;
    return isSame && now() - waiting.since >= atMostMs;
  }
}

function keyOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}
