import type { EntityType, PerType, RunKey, RunState, VerbCounts } from '#contracts';
import type { Confirmation, Reading } from './readings.js';
import type { Hold } from './wishes.js';

/** Times are RFC 3339. */
export interface RunSummary extends RunKey {
  readonly state: RunState;
  readonly why: string | null;
  readonly cause: string;
  readonly attempt: number;
  readonly dryRun: boolean;
  readonly digest: string | null;
  readonly openedAt: string;
  readonly stateAt: string;
  readonly closedAt: string | null;
  /** When another try takes an aborted run's place; null if its end is final. */
  readonly retryAt: string | null;
  /** Records of which the last good state was kept, and values that were warned of. */
  readonly quarantined: number;
  readonly warnings: number;
  /** Postgres has passed all watermarks of the completed run. */
  readonly persisted: boolean;
}

export interface RunDetail extends RunSummary {
  readonly hold: Hold | null;
  readonly reading: Reading | null;
  /** Of its reading, or of a pull that failed. */
  readonly quirks: readonly string[];
  readonly confirmation: Confirmation | null;
  /** Rows received so far, per type. */
  readonly progress: PerType<number>;
  readonly plan: {
    readonly verbs: PerType<VerbCounts>;
    readonly types: PerType<{ readonly staleBySchool: Readonly<Record<string, number>> }>;
  } | null;
  readonly guard: readonly object[];
  readonly decision: object | null;
  readonly epochs: Readonly<Record<string, number>>;
  readonly planned: readonly number[];
  readonly applied: readonly number[];
  readonly swept: readonly number[];
  readonly done: PerType<Partial<VerbCounts>>;
}

export interface DistrictSummary {
  readonly districtId: string;
  readonly name: string;
  readonly state: 'active' | 'suspended';
  readonly reason: string | null;
  readonly readyStamp: string | null;
  readonly settings: { readonly blackouts?: readonly { readonly from: string; readonly until: string }[] };
  readonly wanted: {
    readonly cause: string;
    readonly dryRun: boolean;
    readonly dueAt: string;
    readonly failures: number;
    readonly trouble: string | null;
  } | null;
  readonly lastRun: RunSummary | null;
  /** End of the last completed run. */
  readonly completedAt: string | null;
  /** Since when it was told that no run was completed for too long; null again once one is. */
  readonly lateSince: string | null;
  /** Types that the next run sends again, and since when that is due. */
  readonly refreshes: readonly { readonly entityType: EntityType; readonly askedAt: string }[];
  /** Copies that differed from their last watermark, until they pass a later one. */
  readonly drifts: readonly Drift[];
  /** What its source needed that the standard does not ask for: last read to the end, and in pulls that failed since. */
  readonly quirks: readonly string[];
}

/** `survived`: also after the topic was read again. Active records and the xor of their watermark terms. */
export interface Drift {
  readonly entityType: EntityType;
  readonly partition: number;
  readonly generation: number;
  readonly survived: boolean;
  readonly expected: { readonly active: number; readonly xor: string };
  readonly found: { readonly active: number; readonly xor: string };
  readonly reportedAt: string;
}

export interface RosterName {
  readonly gg4lId: string;
  readonly name: string | null;
}
