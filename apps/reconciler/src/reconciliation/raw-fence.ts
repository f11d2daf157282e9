/* The raw fence of an epoch, looked for where it was acknowledged: what a position in a log can be told by. */
import type { LoopPorts } from './ports.js';

export interface RawFence {
  readonly epoch: number;
  readonly author: string;
  readonly offset: bigint;
}

/** `cut`: the log no longer reaches down to it; `none`: something else is there, or the log ends before it. */
export type FenceFound = 'there' | 'cut' | 'none';

export async function findRawFence(
  logs: LoopPorts['logs'],
  partition: number,
  { epoch, author, offset }: RawFence,
): Promise<FenceFound> {
  const { start, end } = await logs.rawEnds(partition);
  if (offset < start) return 'cut';
  if (offset >= end) return 'none';
  for await (const batch of logs.readRaw(partition, offset, offset + 1n)) {
    for (const { message } of batch) {
      const isIt = message?.kind === 'fence' && message.epoch === epoch && message.author === author;
      return isIt ? 'there' : 'none';
    }
  }
  return 'none';
}
