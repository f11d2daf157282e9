/* One partition of a change topic in memory, and what the persister says, for specs of the step loop. */
import type { DeadLetterFields, EntityType } from '#contracts';
import { ChangeLoop } from '../src/following/change-loop.js';
import type { Applied } from '../src/following/change-step.js';
import { decodeEntries, type Entry } from '../src/following/decode-entries.js';
import type {
  LoopPorts,
  Outlet,
  CopyReport,
  PassedWatermark,
  Place,
  RosterStore,
} from '../src/following/ports.js';

export class MemoryOutlet implements Outlet {
  readonly reports: CopyReport[] = [];
  readonly passed: PassedWatermark[] = [];
  readonly letters: DeadLetterFields[] = [];

  async report(reports: readonly CopyReport[], passed: readonly PassedWatermark[]): Promise<void> {
    this.reports.push(...reports);
    this.passed.push(...passed);
  }

  async deadLetter(letters: readonly DeadLetterFields[]): Promise<void> {
    this.letters.push(...letters);
  }
}

export class MemoryChangeLog {
  readonly place: Place;
  readonly outlet = new MemoryOutlet();
  /** Names of failpoints in the order they were passed; a spec may throw in `atFailpoint`. */
  readonly passed: string[] = [];
  atFailpoint: (name: string) => void = () => undefined;
  committed: bigint | null = null;
  seeks = 0;
  #entries: Entry[] = [];
  #end = 0n;

  constructor(
    readonly store: RosterStore,
    entityType: EntityType = 'users',
  ) {
    this.place = { topic: `roster.${entityType}.v1`, entityType, partition: 0 };
  }

  get end(): bigint {
    return this.#end;
  }

  append(...values: readonly (Buffer | null)[]): void {
    const messages = values.map((value, at) => ({ offset: this.#end + BigInt(at), value }));
    this.#entries.push(...decodeEntries(this.place.entityType, messages));
    this.#end += BigInt(values.length);
  }

  tombstone(key: string): void {
    const message = { offset: this.#end, key: Buffer.from(key), value: null };
    this.#entries.push(...decodeEntries(this.place.entityType, [message]));
    this.#end += 1n;
  }

  /** What compaction does to these offsets. */
  compact(...offsets: readonly number[]): void {
    this.#entries = this.#entries.filter(({ offset }) => !offsets.includes(Number(offset)));
  }

  /** Created anew: nothing is in it. */
  recreate(): void {
    this.#entries = [];
    this.#end = 0n;
  }

  loop(changed: Partial<LoopPorts> = {}): ChangeLoop {
    const { store, outlet } = this;
    const failpoint = (name: string): void => {
      this.passed.push(name);
      this.atFailpoint(name);
    };
    const ends = async () => ({ start: this.#entries[0]?.offset ?? this.#end, end: this.#end });
    const clock = { now: () => Date.UTC(2026, 0, 1) };
    return new ChangeLoop(this.place, { store, outlet, clock, failpoint, ends, ...changed });
  }

  /** Delivers what is behind the committed offset, or behind `from`, in batches, until the loop has taken all of it. */
  async deliver(loop: ChangeLoop, { batch = 100, from = this.committed ?? 0n } = {}): Promise<Applied[]> {
    const steps: Applied[] = [];
    let next = from;
    for (let turns = 0; next < this.#end; turns += 1) {
      if (turns > 1_000) throw new Error(`the loop stands still at ${next}`);
      const entries = this.#entries.filter(({ offset }) => offset >= next).slice(0, batch);
      if (entries.length === 0) break;
      let live = true;
      const turn = {
        heartbeat: async () => undefined,
        isLive: () => live,
        commit: async (offset: bigint) => {
          this.committed = offset;
          next = offset;
        },
        seek: (offset: bigint) => {
          this.seeks += 1;
          live = false;
          next = offset;
        },
      };
      steps.push(...(await loop.handle({ entries, end: this.#end }, turn)));
    }
    return steps;
  }
}
