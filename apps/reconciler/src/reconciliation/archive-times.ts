/* When a record was archived is kept in milliseconds: runs are opened at full ones, so nothing is lost. */
import type { Change } from '#contracts';

/** What six bytes hold. */
const MAX_MS = 2 ** 48 - 1;

/** 0 for what is no time of these. */
export function toMs(time: string): number {
  const ms = Date.parse(time);
  return ms > 0 && ms <= MAX_MS ? ms : 0;
}

/** RFC 3339, as in the event that archived it. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** When the record of an event was archived; 0 if it is active, or the event does not say. */
export function archivedAtMsOf({
  verb,
  cause,
  time,
  archivedAt,
}: Pick<Change, 'verb' | 'cause' | 'time' | 'archivedAt'>): number {
  if (verb !== 'archived') return 0;
  if (cause === 'refresh') return archivedAt === undefined ? 0 : toMs(archivedAt);
  return toMs(time);
}
