import { setTimeout as pause } from 'node:timers/promises';
import type { Stores } from '../verify/stores.js';
import { DistrictBusyError } from './quiet-district.js';

const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;

/**
 * Waits until the reconciler has done everything that lies in a partition of the raw log now: no marker of a run that
 * was closed meanwhile, and no fence of a rebuild, is still before it. Gives the epoch; null where nothing was ever sent.
 */
export async function readToItsEnd(
  { reader, topics, index }: Pick<Stores, 'reader' | 'topics' | 'index'>,
  partition: number,
  withinMs = WITHIN_MS,
): Promise<number | null> {
  const { end } = await reader.ends(topics.raw, partition);
  if (end === 0n) return null;
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const position = await index.position(partition);
    if (position !== null && position.next >= end) return position.epoch;
    if (Date.now() > giveUpAt)
      throw new DistrictBusyError(`partition ${partition} of the raw log is not read to its end`);
    await pause(LOOK_EVERY_MS);
  }
}
