/* Tells once in a process that a district is complete up to a generation; a process started anew may tell it again. */
import { completeTo, typesOf, type Partitions, type PassedLine, type Progress } from './progress.js';

export interface Completed {
  readonly districtId: string;
  readonly generation: number;
}

export class Completeness {
  readonly #told = new Map<string, number>();

  constructor(
    private readonly progress: Progress,
    private readonly partitions: Partitions,
    private readonly tell: (completed: Completed) => Promise<void>,
  ) {}

  /** Told before the offset is committed: whoever dies in between meets the same watermarks again. */
  async pass(lines: readonly PassedLine[]): Promise<void> {
    await this.progress.pass(lines);
    for (const districtId of new Set(lines.map((line) => line.districtId))) {
      const passed = await this.progress.passed(districtId);
      const generation = completeTo(passed, typesOf(this.partitions), this.partitions);
      const before = this.#told.get(districtId) ?? 0;
      if (generation > before) await this.#tell({ districtId, generation }, before);
    }
  }

  /** Noted first, so that partitions that come here side by side do not all tell it. */
  async #tell(completed: Completed, before: number): Promise<void> {
    this.#told.set(completed.districtId, completed.generation);
    try {
      await this.tell(completed);
    } catch (error) {
      this.#told.set(completed.districtId, before);
      throw error;
    }
  }
}
