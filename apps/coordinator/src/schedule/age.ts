import { blackedOutMs, type Blackout } from '../settlement/blackouts.js';

const HOUR_MS = 60 * 60 * 1000;

/** What the age of an active district's copy is told from. Times are milliseconds. */
export interface Aged {
  /** When it appeared, or came back from a suspension. */
  readonly activeSince: number;
  /** End of the last completed run. */
  readonly completedAt: number | null;
  readonly settings: { readonly blackouts?: readonly Blackout[]; readonly lateAfterHours?: number };
}

/** How long no run was completed that could have been, in milliseconds. */
export function ageMs(district: Aged, now: number): number {
  return Math.max(0, now - countedFrom(district));
}

/** Why the district is late; null if it is not. Times blacked out do not count. */
export function latenessOf(district: Aged, lateAfterMs: number, now: number): string | null {
  const { completedAt, activeSince, settings } = district;
  const { lateAfterHours, blackouts } = settings;
  const allowedMs = lateAfterHours === undefined ? lateAfterMs : lateAfterHours * HOUR_MS;
  const from = countedFrom(district);
  if (now - from - blackedOutMs(blackouts, from, now) <= allowedMs) return null;
  return completedAt === null
    ? `no run was ever completed; the district is active since ${new Date(activeSince).toISOString()}`
    : `no run was completed since ${new Date(completedAt).toISOString()}`;
}

function countedFrom({ activeSince, completedAt }: Aged): number {
  return Math.max(activeSince, completedAt ?? 0);
}
