/*
 * The fences of one partition of a change topic. An event or watermark is fenced if a fence of a higher epoch lies
 * before it in the log: that is a question of offsets alone, so reading again from any place gives the same answer.
 */
import type { FenceAt } from './ports.js';

export class FenceLine {
  static readonly EMPTY = new FenceLine([]);

  /** By offset; each of a higher epoch than all before it, for only such a one fences anything. */
  private constructor(private readonly fences: readonly FenceAt[]) {}

  static of(fences: readonly FenceAt[]): FenceLine {
    return fences.reduce((line, fence) => line.with(fence), FenceLine.EMPTY);
  }

  /** The line itself if the fence adds nothing to it. */
  with(fence: FenceAt): FenceLine {
    if (this.fences.some(({ epoch, offset }) => epoch >= fence.epoch && offset <= fence.offset)) return this;
    const before = this.fences.filter(({ offset }) => offset < fence.offset);
    const after = this.fences.filter(({ epoch, offset }) => offset > fence.offset && epoch > fence.epoch);
    return new FenceLine([...before, fence, ...after]);
  }

  /** Those from the first offset to the last. */
  between(first: bigint, last: bigint): readonly FenceAt[] {
    return this.fences.filter(({ offset }) => offset >= first && offset <= last);
  }

  isFenced(offset: bigint, epoch: number): boolean {
    const { fences } = this;
    for (let at = fences.length - 1; at >= 0; at -= 1) {
      const fence = fences[at];
      if (fence === undefined || fence.epoch <= epoch) return false;
      if (fence.offset < offset) return true;
    }
    return false;
  }
}
