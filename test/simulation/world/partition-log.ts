/*
 * One partition of a topic: offsets only ever rise, and what is compacted leaves a hole. An append may be lost although
 * it was acknowledged, so that the next takes its offset, or be there twice, when the schedule says so.
 */
export interface Entry<M> {
  readonly offset: number;
  readonly key: string | null;
  readonly message: M;
}

export type Mishap = 'lost' | 'twice' | null;

export class PartitionLog<M> {
  entries: Entry<M>[] = [];
  end = 0;
  /** Messages below are as old as the compaction lag: whatever was to be mended about them has been. */
  old = 0;
  /** Decides what becomes of an append. */
  mishap: (message: M, key: string | null) => Mishap = () => null;
  /** Called with every message that got its place. */
  onAppend: (entry: Entry<M>) => void = () => undefined;
  #wakers: (() => void)[] = [];

  constructor(readonly name: string) {}

  get start(): number {
    return this.entries[0]?.offset ?? this.end;
  }

  /** The offset of the message. */
  append(message: M, key: string | null = null): number {
    const mishap = this.mishap(message, key);
    if (mishap === 'lost') return this.end;
    const offset = this.put(message, key);
    if (mishap === 'twice') this.put(message, key);
    return offset;
  }

  /** Appends it and no mishap. */
  put(message: M, key: string | null): number {
    const offset = this.end;
    this.end += 1;
    const entry = { offset, key, message };
    this.entries.push(entry);
    this.onAppend(entry);
    this.wakeAll();
    return offset;
  }

  /** Deleted and made again under its name: empty, from offset 0. */
  makeAnew(): void {
    this.entries = [];
    this.end = 0;
    this.old = 0;
    this.wakeAll();
  }

  /** Up to `max` messages in [from, to). */
  read(from: number, to = this.end, max = Number.POSITIVE_INFINITY): readonly Entry<M>[] {
    const { entries } = this;
    let low = 0;
    for (let high = entries.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((entries[middle]?.offset ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    let behind = low;
    while (behind < entries.length && behind - low < max && (entries[behind]?.offset ?? to) < to) behind += 1;
    return entries.slice(low, behind);
  }

  /** Calls back once something was appended. */
  onNext(wake: () => void): void {
    this.#wakers.push(wake);
  }

  /** Wakes everybody who waits: a member may have lost the partition. */
  wakeAll(): void {
    if (this.#wakers.length === 0) return;
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  /** Of all messages below this offset, only the last of each key stays; those above it are too young to matter. */
  compact(below: number): void {
    const last = new Map<string, number>();
    for (const { key, offset } of this.entries) if (key !== null && offset < below) last.set(key, offset);
    this.entries = this.entries.filter(
      ({ key, offset }) => offset >= below || key === null || last.get(key) === offset,
    );
  }
}
