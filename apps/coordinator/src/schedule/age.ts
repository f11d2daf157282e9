import { blackedOutMs, type Blackouts } from '../settlement/blackouts.js';

const HOUR_MS = 60 * 60 * 1000;

/** What the age of an active district's copy is told from. Times are milliseconds. */
export interface Aged {
  /** When it appeared, or came back from a suspension. */
  readonly activeSince: number;
  /** End of the last completed run. */
  readonly completedAt: number | null;
  /** Null counts as left out. */
  readonly settings: { readonly blackouts?: Blackouts; readonly lateAfterHours?: number | null };
}

/** How long no run was completed that could have been, in milliseconds; null if no time of it is past. */
export function ageMs(district: Aged, now: number): number | null {
  const from = countedFrom(district, now);
  return from === null ? null : now - from;
}

/** Why the district is late; null if it is not. Times blacked out do not count. */
export function latenessOf(district: Aged, lateAfterMs: number, now: number): string | null {
  const { completedAt, activeSince, settings } = district;
  const { lateAfterHours, blackouts } = settings;
  const allowedMs = typeof lateAfterHours === 'number' ? lateAfterHours * HOUR_MS : lateAfterMs;
  const from = countedFrom(district, now);
  if (from !== null && now - from - blackedOutMs(blackouts, from, now) <= allowedMs) return null;
  return completedAt === null
    ? `no run was ever completed; the district is active since ${told(activeSince, now)}`
    : `no run was completed since ${told(completedAt, now)}`;
}

/** The later of the times that are past: one that is still to come was told by a clock that was ahead. */
function countedFrom({ activeSince, completedAt }: Aged, now: number): number | null {
  const past = [activeSince, completedAt ?? activeSince].filter((at) => at <= now);
  return past.length === 0 ? null : Math.max(...past);
}

function told(at: number, now: number): string {
  return `${new Date(at).toISOString()}${at > now ? ', which is still to come: a clock was ahead' : ''}`;
}
