import type { EntityType, PerType } from '#contracts';
import type { AllowList } from '#oneroster';
import type { Blackout } from './blackouts.js';

/** Limits of the guard for one type. A rule speaks only above both its ratio and its floor. */
export interface GuardLimits {
  readonly staleRatio: number;
  readonly staleFloor: number;
  readonly updatedRatio: number;
  readonly updatedFloor: number;
  readonly quarantinedRatio: number;
  readonly quarantinedFloor: number;
  /** So many records without a usable id hold the sweep. */
  readonly unreadableFrom: number;
}

export const DEFAULT_LIMITS: GuardLimits = {
  staleRatio: 0.1,
  staleFloor: 20,
  updatedRatio: 0.75,
  updatedFloor: 100,
  quarantinedRatio: 0.05,
  quarantinedFloor: 20,
  unreadableFrom: 1,
};

/** What a district may set for itself. In the ledger null may stand for what is left out. */
export interface DistrictSettings {
  readonly limits?: Partial<GuardLimits>;
  readonly typeLimits?: PerType<Partial<GuardLimits>>;
  /** Until then (RFC 3339) the limits are at least these; afterwards the window is without effect. */
  readonly rollover?: { readonly until: string; readonly limits: Partial<GuardLimits> };
  /** What of the district is read and published; left out: everything it shares. */
  readonly allow?: AllowList;
  /** Hour of the daily pull, UTC. */
  readonly hour?: number;
  /** When nothing is pulled but what is asked for. */
  readonly blackouts?: readonly Blackout[];
  /** How long it may do without a completed run. */
  readonly lateAfterHours?: number;
  /** OneRoster version that it may be read with though it was read with another until now. */
  readonly version?: string;
}

/** The limits of a type: the defaults, overridden by the district, then raised while its rollover window lasts. */
export function limitsOf(settings: DistrictSettings, type: EntityType, now: number): GuardLimits {
  const { limits, typeLimits, rollover } = settings;
  const usual = { ...DEFAULT_LIMITS, ...given(limits), ...given(typeLimits?.[type]) };
  if (!(Date.parse(rollover?.until ?? '') > now)) return usual;
  const raised: Record<string, number> = { ...usual };
  for (const [name, limit] of Object.entries(given(rollover?.limits)))
    raised[name] = Math.max(raised[name] ?? 0, limit);
  return { ...usual, ...raised };
}

/** A ratio above 1 would be a rule that never speaks: it counts as left out. */
function given(limits: Partial<GuardLimits> | undefined): Partial<GuardLimits> {
  const isGiven = ([name, limit]: [string, number | null]): boolean =>
    limit !== null && !(name.endsWith('Ratio') && limit > 1);
  return Object.fromEntries(Object.entries(limits ?? {}).filter(isGiven));
}
