import type { EntityType, PerType, RunKey } from '#contracts';

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

/** What the fetcher found while it read one snapshot. */
export interface Reading {
  readonly proof: Proof;
  readonly rows: PerType<number>;
  /** Rows without a usable id. */
  readonly unreadable: PerType<number>;
  readonly quarantined: PerType<number>;
  readonly notGranted: readonly EntityType[];
  readonly references: ReferenceShares;
  /** What the source needed that the standard does not ask for, in short phrases. */
  readonly quirks: readonly string[];
}

/** What follows a snapshot that could not be read: nothing, another try after a pause, or (`own`) one at once. */
export type ReadRetry = 'none' | 'source' | 'own';

/** A run a fetcher holds a lease on. `openedAt` (RFC 3339) goes into BEGIN. */
export interface ClaimedRun extends RunKey {
  readonly openedAt: string;
  readonly refresh: readonly EntityType[];
  readonly attempt: number;
  readonly dryRun: boolean;
}
