import { blackoutAt, type Blackouts } from '../settlement/blackouts.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** Hour of the daily pull (UTC) of a district that sets none. */
export const DEFAULT_HOUR = 3;

export interface Scheduled {
  readonly readyStamp: string | null;
  readonly pulledAt: number | null;
  readonly pulledStamp: string | null;
  readonly hour: number | null;
  readonly blackouts: Blackouts;
}

/**
 * Why a district is to be pulled now; null if it is not: its own daily hour (also one that passed while nobody looked),
 * or data newer than what was pulled. A pull that is still to come was told by a clock that was ahead, and counts as
 * none. Never in a blackout. `now`: by the clock that told `pulledAt`.
 */
export function dueCause(district: Scheduled, now: number): 'newer' | 'scheduled' | null {
  const { pulledAt, readyStamp, pulledStamp, hour, blackouts } = district;
  if (blackoutAt(blackouts, now) !== null) return null;
  if (pulledAt === null) return 'scheduled';
  if (isNewer(readyStamp, pulledStamp)) return 'newer';
  return pulledAt > now || pulledAt < lastDailyAt(hour ?? DEFAULT_HOUR, now) ? 'scheduled' : null;
}

/** Stamps are compared as instants where both can be read as one, else any other spelling counts as newer. */
export function isNewer(stamp: string | null, than: string | null): boolean {
  if (stamp === null || stamp === than) return false;
  if (than === null) return true;
  const [a, b] = [Date.parse(stamp), Date.parse(than)];
  return Number.isNaN(a) || Number.isNaN(b) ? true : a > b;
}

/** Why a listed district may not be pulled; null if it may. An agreement that names a day lasts through it, UTC. */
export function suspensionOf(expiresAt: string | null, now: number): string | null {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(expiresAt ?? '');
  const at = Date.parse(expiresAt ?? '') + (isDay ? DAY_MS : 0);
  return at <= now ? `the sharing agreement ended (${new Date(at).toISOString()})` : null;
}

function lastDailyAt(hour: number, now: number): number {
  const today = Math.floor(now / DAY_MS) * DAY_MS + hour * HOUR_MS;
  return today <= now ? today : today - DAY_MS;
}
