/*
 * Before a run is opened every partition must have answered ready. An answer counts while no higher epoch of its
 * partition was heard of; a partition that rebuilds is asked again, because its rebuild starts behind its own fence
 * and never sees an ASK before it.
 */
import { missingOf, type Surroundings } from './decide.js';
import type { Asking } from './runs.js';

export type AskDecision =
  | { readonly to: 'wait' }
  | { readonly to: 'open'; readonly epochs: Readonly<Record<string, number>> }
  /** `asOf`: rebuilds heard of until then are answered by this ASK. */
  | { readonly to: 'ask-again'; readonly partitions: readonly number[]; readonly asOf: number }
  | { readonly to: 'postpone'; readonly trouble: string };

export function decideAsking(asking: Asking, around: Surroundings): AskDecision {
  const { now, times } = around;
  const known = new Map(around.partitions.map((state) => [state.partition, state]));
  const epochs = epochsOf(asking, around);
  const missing = missingOf(Object.keys(epochs).map(Number), around.partitionCount);
  if (missing.length === 0) return { to: 'open', epochs };
  const silent = missing.filter((partition) => {
    const heard = Math.max(known.get(partition)?.heardAt ?? 0, asking.askedAt, around.activeSince);
    return now - heard >= times.silenceMs;
  });
  if (silent.length > 0) {
    const seconds = Math.round(times.silenceMs / 1000);
    return { to: 'postpone', trouble: `no answer from partition ${silent.join(', ')} for ${seconds} s` };
  }
  if (now - asking.askedAgainAt >= times.resendMs) return { to: 'ask-again', partitions: missing, asOf: now };
  const rebuiltAt = (p: number): number => known.get(p)?.rebuildingAt ?? 0;
  const rebuilding = missing.filter((p) => rebuiltAt(p) > asking.askedAgainAt);
  if (rebuilding.length === 0) return { to: 'wait' };
  // Not now: a partition whose rebuild is heard of while these are asked would otherwise wait for the deadline.
  return { to: 'ask-again', partitions: rebuilding, asOf: Math.max(...rebuilding.map(rebuiltAt)) };
}

/** The partitions that have not answered with their highest epoch. */
export function missingAnswers(asking: Asking, around: Surroundings): readonly number[] {
  return missingOf(Object.keys(epochsOf(asking, around)).map(Number), around.partitionCount);
}

/** By partition, the highest epoch heard of: who is below it has lost a FENCE, and rebuilds. */
export function heardEpochs({ partitions }: Surroundings): Readonly<Record<string, number>> {
  return Object.fromEntries(
    partitions.filter(({ epoch }) => epoch > 0).map(({ partition, epoch }) => [partition, epoch]),
  );
}

function epochsOf({ answers }: Asking, { partitions, partitionCount }: Surroundings): Record<string, number> {
  const epochs: Record<string, number> = {};
  for (const { partition, epoch } of answers) {
    const known = partitions.find((state) => state.partition === partition)?.epoch ?? 0;
    if (partition < partitionCount && epoch >= known) epochs[partition] = epoch;
  }
  return epochs;
}
