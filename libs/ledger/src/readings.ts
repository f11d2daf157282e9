import type { EntityType, PerType, RunKey } from '#contracts';
import type { AllowList } from '#oneroster';

export type ProofState = 'proven' | 'failed' | 'not available';

/** A point of the completeness proof. `finding`: a sentence with numbers, never a record's contents. */
export interface ProofPoint {
  readonly point: 1 | 2 | 3 | 4 | 5 | 6;
  readonly state: ProofState;
  readonly finding: string;
}
export type Proof = readonly ProofPoint[];

/** Per type (classes, courses, enrollments): records checked, and how many of them point outside their snapshot. */
export type ReferenceShares = PerType<{ readonly checked: number; readonly outside: number }>;

/** Per type and attribute of OneRoster (`extensions` for all others), how often each reason was met. */
export type WarningCounts = PerType<Readonly<Record<string, Readonly<Record<string, number>>>>>;

/** Why a record is not believed; `attribute` is null where it is none of its attributes. */
export interface QuarantinedRecord {
  readonly gg4lId: string;
  readonly attribute: string | null;
  readonly reason: string;
}

/** Of the active records that went through, how many have values that Privacy Shield has masked. People only. */
export type MaskedShares = PerType<{ readonly records: number; readonly masked: number }>;

/** What the fetcher found while it read one snapshot. What is optional is not in the ledger for older runs. */
export interface Reading {
  readonly proof: Proof;
  readonly rows: PerType<number>;
  /** Rows without a usable id. */
  readonly unreadable: PerType<number>;
  readonly quarantined: PerType<number>;
  /** Records of the source that were left out because they are erased. */
  readonly erased?: PerType<number>;
  readonly notGranted: readonly EntityType[];
  /** Types that the district's allow-list leaves out: not asked for. */
  readonly notAllowed?: readonly EntityType[];
  readonly references: ReferenceShares;
  /** What the source needed that the standard does not ask for, in short phrases. */
  readonly quirks: readonly string[];
  readonly warnings?: WarningCounts;
  /** The first of each type. */
  readonly quarantinedRecords?: PerType<readonly QuarantinedRecord[]>;
  readonly masked?: MaskedShares;
  /** Of the district's last completed run; null if it is not known. */
  readonly maskedBefore?: MaskedShares | null;
  /** Per type, the GG4L ID of a record that was there: whoever asks for single records asks for this one first. */
  readonly known: PerType<string>;
  /** OneRoster version it was read with; absent of runs from before that was noted. */
  readonly version?: string;
}

/** Point 6: what single reads of records that would be archived found; `stillThere`: GG4L IDs with a live answer. */
export interface Confirmation extends ProofPoint {
  readonly point: 6;
  readonly stillThere: PerType<readonly string[]>;
}

/** Records of a type that would be archived though they were not withdrawn; `ids`: those to ask for. */
export interface Absent {
  readonly count: number;
  readonly ids: readonly string[];
}

/** A run whose absent records a fetcher asks for under a lease. */
export interface ClaimedConfirmation extends RunKey {
  readonly absent: PerType<Absent>;
  readonly known: PerType<string>;
  /** OneRoster version its snapshot was read with; null if that was not noted. */
  readonly version: string | null;
}

/** OneRoster versions of a district: each is an id space of its own, and two are never mixed unasked. */
export interface KnownVersions {
  /** Of its last completed run; null if there is none, or it did not note one. */
  readonly last: string | null;
  /** That an operator has set for it. */
  readonly confirmed: string | null;
}

/** What follows a snapshot that could not be read: nothing, another try after a pause, or (`own`) one at once. */
export type ReadRetry = 'none' | 'source' | 'own';

/** A run a fetcher holds a lease on. `openedAt` (RFC 3339) goes into BEGIN. */
export interface ClaimedRun extends RunKey {
  readonly openedAt: string;
  readonly refresh: readonly EntityType[];
  readonly attempt: number;
  readonly dryRun: boolean;
  /** What the district's customer needs; null: everything. */
  readonly allow: AllowList | null;
  readonly maskedBefore: MaskedShares | null;
}
