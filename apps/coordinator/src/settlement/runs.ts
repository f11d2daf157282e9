import type { EntityType, OpenRunState, PerType, RunKey, TypePlan } from '#contracts';
import type { DistrictSettings } from './limits.js';

export type RunCause = 'scheduled' | 'newer' | 'asked' | 'retry' | 'refresh';
/** `at-once`: two further tries without a pause; `scheduled`: after 1, 5, 15, 60 minutes. */
export type Retries = 'at-once' | 'scheduled';
/** `sweep`: created, updated and restored are applied, nothing is archived; `everything`: nothing is applied. */
export type Hold = 'sweep' | 'everything';

/** A run that is wanted and not opened yet. `attempt` counts pulls, `failures` the tries that failed before. */
export interface Wish {
  readonly districtId: string;
  readonly cause: RunCause;
  readonly dryRun: boolean;
  readonly retries: Retries;
  readonly attempt: number;
  readonly failures: number;
  readonly dueAt: number;
}

/** A wish whose time has come. */
export interface DueWish extends Pick<Wish, 'districtId' | 'cause' | 'retries'> {
  readonly settings: DistrictSettings;
}

export interface ProofPoint {
  readonly point: number;
  readonly state: 'proven' | 'failed' | 'not available';
  readonly finding: string;
}

/** Point 6: what single reads of records that would be archived found; `stillThere`: GG4L IDs with a live answer. */
export interface Confirmation extends ProofPoint {
  readonly point: 6;
  readonly stillThere: PerType<readonly string[]>;
}

/** Records of a type that a plan would archive though the source did not withdraw them; `ids`: up to 50 of them. */
export interface Absent {
  readonly count: number;
  readonly ids: readonly string[];
}

/** What follows a snapshot that could not be read: nothing, another try after a pause, or (`own`) one at once. */
export type ReadRetry = 'none' | 'source' | 'own';

/** Of the active records that went through, how many have values that Privacy Shield has masked. People only. */
export type MaskedShares = PerType<{ readonly records: number; readonly masked: number }>;

/** What the guard needs of what the fetcher found. Readings of before an attribute was added here lack it. */
export interface Reading {
  readonly proof: readonly ProofPoint[];
  readonly unreadable: PerType<number>;
  readonly notGranted: readonly EntityType[];
  /** Types that the district's allow-list leaves out. */
  readonly notAllowed?: readonly EntityType[];
  readonly masked?: MaskedShares;
  /** Of the district's last completed run. */
  readonly maskedBefore?: MaskedShares | null;
}

/** The answers of a partition that a run waits for, one kind in each state. */
export type AnswerKind = 'planned' | 'applied' | 'swept';

/**
 * What follows from a plan once it was judged. `staleOrgs`: hashes, 16 hex digits. `quarantinedActive`: types of which
 * an active record came quarantined, so that no refresh of them is complete.
 */
export interface PlanInBrief {
  readonly nothingToApply: boolean;
  readonly staleOrgs: readonly string[];
  readonly quarantinedActive: readonly EntityType[];
}

/** A run that is not closed, as the ledger holds it. Times are milliseconds. */
export interface OpenRun extends RunKey {
  readonly state: OpenRunState;
  readonly attempt: number;
  readonly failures: number;
  readonly dryRun: boolean;
  readonly retries: Retries;
  /** Why the run's district is suspended; null while it is not. */
  readonly suspended: string | null;
  readonly settings: DistrictSettings;
  /** By partition, as answered before the run was opened. */
  readonly epochs: Readonly<Record<string, number>>;
  readonly refresh: readonly EntityType[];
  readonly openedAt: number;
  readonly stateAt: number;
  readonly markerAt: number | null;
  readonly leaseLost: boolean;
  /** A fetcher is at work on it, as far as its lease says. */
  readonly leaseHeld: boolean;
  readonly readFailure: { readonly reason: string; readonly retry: ReadRetry } | null;
  readonly reading: Reading | null;
  /** Null until the plan's absent records were asked for, or nobody was absent. */
  readonly confirmation: ProofPoint | null;
  readonly hold: Hold | null;
  readonly plan: PlanInBrief | null;
  readonly why: string | null;
  readonly answered: Readonly<Record<AnswerKind, readonly number[]>>;
  readonly failed: readonly { readonly partition: number; readonly reason: string }[];
}

/** What is known of a raw partition from its reports. Times are milliseconds. */
export interface PartitionState {
  readonly partition: number;
  readonly epoch: number;
  readonly heardAt: number;
  readonly rebuildingAt: number | null;
}

/** A district with types due to be sent again; `refreshedAt`: when a run that carries some was last opened. */
export interface RefreshDue {
  readonly districtId: string;
  readonly types: readonly EntityType[];
  readonly refreshedAt: number | null;
}

/** The ASK that some wishes wait on. */
export interface Asking {
  readonly nonce: string;
  readonly districtIds: readonly string[];
  readonly askedAt: number;
  readonly askedAgainAt: number;
  readonly answers: readonly { readonly partition: number; readonly epoch: number }[];
}

export interface PartitionPlan {
  readonly partition: number;
  readonly types: PerType<TypePlan>;
}
