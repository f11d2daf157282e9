/* A batch of the raw log is cut at markers, and into as many records as one call to the index reads and writes. */
import type { RawMessage, RunKey } from '#contracts';
import { PartitionStoppedError } from './partition-stopped.errors.js';
import type { PlacedMessage } from './ports.js';

/** At most this many records are read and written in one call to the index. */
const SEGMENT_RECORDS = 2_500;

/** The first marker alone, or the records up to the next one, bounded. */
export function segmentOf(messages: readonly PlacedMessage[]): readonly PlacedMessage[] {
  let records = 0;
  for (const [at, { message }] of messages.entries()) {
    if (message !== null && message.kind !== 'records') return messages.slice(0, Math.max(at, 1));
    records += message?.records.length ?? 0;
    if (records >= SEGMENT_RECORDS) return messages.slice(0, at + 1);
  }
  return messages;
}

/** The run a message belongs to or names. */
export function runOf(message: RawMessage): RunKey | undefined {
  switch (message.kind) {
    case 'ask':
      return message.run;
    case 'fence':
      return undefined;
    default:
      return message;
  }
}

/** Throws where an offset is not above the one before it. */
export function requireRising(partition: number, messages: readonly PlacedMessage[]): void {
  messages.forEach(({ offset }, at) => {
    const before = messages[at - 1]?.offset ?? -1n;
    if (offset <= before) throw new PartitionStoppedError(partition, `offset ${offset} came after ${before}`);
  });
}
