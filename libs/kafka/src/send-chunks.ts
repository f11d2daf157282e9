import type { OutMessage } from './log-messages.js';

/** One message on its way, with what it weighs. */
export interface Outgoing {
  readonly topic: string;
  readonly message: OutMessage;
  readonly bytes: number;
}

export interface SendLimits {
  /** One send makes one record batch per partition, never split by kafkajs and refused above max.message.bytes. */
  readonly partitionBytes: number;
  /** kafkajs copies a request about eight times on its way out, and all copies are alive at once. */
  readonly totalBytes: number;
}

export const SEND_LIMITS: SendLimits = { partitionBytes: 700_000, totalBytes: 2_000_000 };

/** Varints, attributes and the like around key and value; generous. */
const RECORD_OVERHEAD_BYTES = 32;

/** What a message may weigh in a record batch. */
export function messageBytes(message: OutMessage): number {
  let bytes = RECORD_OVERHEAD_BYTES + (message.value?.length ?? 0);
  if (message.key !== null) bytes += Buffer.byteLength(message.key);
  if (message.headers === undefined) return bytes;
  for (const [name, value] of Object.entries(message.headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value) + 4;
  }
  return bytes;
}

/**
 * Splits a queue into what the next send takes and what stays, both in the order of the queue. A partition that is
 * full takes nothing more, so messages of one partition are never reordered. Always takes the first one, whatever
 * its size.
 */
export function takeSend<T extends Outgoing>(
  queue: readonly T[],
  limits: SendLimits,
): { taken: T[]; rest: T[] } {
  const filled = new Map<string, number>();
  const taken: T[] = [];
  const rest: T[] = [];
  let total = 0;
  for (const [at, entry] of queue.entries()) {
    if (total >= limits.totalBytes) return { taken, rest: rest.concat(queue.slice(at)) };
    const place = `${entry.topic}/${entry.message.partition}`;
    const before = filled.get(place) ?? 0;
    if (before > 0 && before + entry.bytes > limits.partitionBytes) {
      filled.set(place, limits.partitionBytes);
      rest.push(entry);
      continue;
    }
    filled.set(place, before + entry.bytes);
    total += entry.bytes;
    taken.push(entry);
  }
  return { taken, rest };
}
