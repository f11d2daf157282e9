/*
 * Whether a log is the one that a copy was read from. A topic that was deleted and made again under its name begins at
 * offset 0 and epoch 1: fences of the old one would take its events and watermarks out of force, and nothing would ever
 * tell. Offsets are not given twice, and compaction leaves fences alone, so a kept fence that is not at its offset is
 * a sure sign; only of one that was sent twice compaction keeps the second.
 */
import type { Entry } from './decode-entries.js';
import type { FenceLine } from './fence-line.js';
import { PlaceStoppedError, type Place } from './ports.js';

export function anotherTopic(place: Place, found: string): PlaceStoppedError {
  return new PlaceStoppedError(
    place,
    `${found}: this is not the topic that was read before. Bring that topic back, or, if it was made anew, begin with ` +
      'an empty copy: no records, no fences, no positions, nothing passed, a new group and state ' +
      '(contract.md, "Topics made anew")',
  );
}

/** Entries in log order, as they were read: each known fence from the first to the last of them is among them. */
export function checkFences(place: Place, known: FenceLine, entries: readonly Entry[]): void {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return;
  for (const { epoch, offset } of known.between(first.offset, last.offset)) {
    const from = entries.slice(entries.findIndex((entry) => entry.offset >= offset));
    const isThere = from[0]?.offset === offset;
    const same = (isThere ? from.slice(0, 1) : from).some(
      (entry) => entry.kind === 'fence' && entry.event.epoch === epoch,
    );
    if (!same) throw anotherTopic(place, `the fence of epoch ${epoch} is not at its offset ${offset}`);
  }
}
