import type { FenceAt } from '../following/ports.js';
import type { KeptRecord, RecordKey } from './state.js';

type Keep = (
  records: readonly KeptRecord[],
  fences: readonly FenceAt[],
  forgotten: readonly RecordKey[],
) => Promise<void>;

/** What was handed out and is not kept yet. */
export class Unkept {
  readonly #records = new Map<string, KeptRecord>();
  readonly #forgotten = new Map<string, RecordKey>();

  constructor(
    private fences: readonly FenceAt[],
    private readonly keepThem: Keep,
  ) {}

  put(key: string, record: KeptRecord): void {
    this.#records.set(key, record);
  }

  forget(key: string, record: RecordKey): void {
    this.#records.delete(key);
    this.#forgotten.set(key, record);
  }

  async keep(): Promise<void> {
    if (this.#records.size === 0 && this.fences.length === 0 && this.#forgotten.size === 0) return;
    await this.keepThem([...this.#records.values()], this.fences, [...this.#forgotten.values()]);
    this.#records.clear();
    this.#forgotten.clear();
    this.fences = [];
  }
}
