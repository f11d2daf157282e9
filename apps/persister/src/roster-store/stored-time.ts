/*
 * A time as it is written: in UTC, to the millisecond, as both JavaScript and Postgres read it. Postgres alone reads more
 * (`infinity`, `now`, `epoch`), rounds fractions into the next month, and takes other years for dates of the history's
 * partitions: what is written must be what its month was made for.
 */
import { RefusedRowsError } from '#roster-consumer';

/** Those that Postgres reads as JavaScript writes them. */
const YEARS_1_TO_9999 = /^(?!0000)\d{4}-/;

/** The changes of a run mostly have the same time, and each is asked for three times. */
let last = { text: '', stored: null as string | null };

/** Null if it is no time of the years 1 to 9999. */
export function toStoredTime(text: string): string | null {
  if (text !== last.text) last = { text, stored: readTime(text) };
  return last.stored;
}

function readTime(text: string): string | null {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return null;
  const stored = time.toISOString();
  return YEARS_1_TO_9999.test(stored) ? stored : null;
}

/** Of a change: without its time it cannot be written at all. */
export function requireStoredTime(text: string): string {
  const stored = toStoredTime(text);
  if (stored === null) throw new RefusedRowsError('the record has no time of the years 1 to 9999');
  return stored;
}
