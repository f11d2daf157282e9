/*
 * The only way a partition's position is moved by its loop, so that the loop knows where it left it: found anywhere
 * else, another worker moved it, or Redis went back.
 */
import type { DistrictWrites, Position } from './index-state.js';
import type { LoopPorts, Outcome } from './ports.js';

export class Moves {
  #left: Position | null = null;

  constructor(
    private readonly partition: number,
    private readonly index: LoopPorts['index'],
  ) {}

  isWhereLeft(found: Position): boolean {
    return this.#left !== null && isSamePosition(found, this.#left);
  }

  /** From here on it is this loop's. */
  takeUp(position: Position): void {
    this.#left = position;
  }

  /** One compare-and-set; false (and nothing written) if the position is another by now, or a condition does not hold. */
  async write(position: Position, after: Position, writes: readonly DistrictWrites[]): Promise<boolean> {
    const isWritten = await this.index.write(this.partition, position, after, writes);
    if (isWritten) this.#left = after;
    return isWritten;
  }

  /** The same, as the end of a step. */
  async advance(
    position: Position,
    after: Position,
    writes: readonly DistrictWrites[] = [],
  ): Promise<Outcome> {
    const isWritten = await this.write(position, after, writes);
    return isWritten ? { kind: 'advanced', next: after.next } : { kind: 'refused' };
  }
}

/** Whether nobody else moved the partition since: what was read with another position is another worker's. */
export function isSamePosition(found: Position | null, expected: Position): boolean {
  if (found === null || found.epoch !== expected.epoch || found.mode !== expected.mode) return false;
  return found.next === expected.next && found.applyNext === expected.applyNext;
}
