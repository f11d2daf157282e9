import type { EntityType, PerType, Report, RunKey, RunState } from '#contracts';
import type { Ledger, Openings, Views } from '../../src/settlement/ports.js';
import type { DistrictSettings } from '../../src/settlement/limits.js';
import type { Plan } from '../../src/settlement/plan.js';
import type { Absent, Confirmation, Hold, ReadRetry, Wish } from '../../src/settlement/runs.js';
import type { StoredReading } from '../../src/settlement/in-memory/memory-run.js';

export const DISTRICT = 'd-1';
export const AT = Date.UTC(2026, 2, 10, 12);
export const NOW = AT + 1000;
export const SECONDS = AT / 1000;
export const DIGEST = 'a'.repeat(64);
export const LEASE_MS = 60_000;
export const OPEN: readonly RunState[] = [
  'opened',
  'reading',
  'read',
  'planned',
  'confirming',
  'applying',
  'held',
  'sweeping',
];
export const CLOSED: readonly RunState[] = ['completed', 'rejected', 'superseded', 'expired', 'aborted'];
export const WISH: Wish = {
  districtId: DISTRICT,
  cause: 'asked',
  dryRun: false,
  retries: 'scheduled',
  attempt: 1,
  failures: 0,
  dueAt: AT,
};
export const PLAN: Plan = {
  ...{ digest: DIGEST, nothingToApply: false, staleOrgs: [], quarantinedActive: [] },
  types: {},
  absent: { users: { count: 60, ids: ['u-1', 'u-2'] } },
};
export const CONFIRMED: Confirmation = { point: 6, state: 'proven', finding: 'all gone', stillThere: {} };
export const VETOED: Confirmation = {
  ...{ point: 6, state: 'failed', finding: 'one of 2 is still there', stillThere: { users: ['u-1'] } },
};
export const READING: StoredReading = {
  ...{ proof: [{ point: 1, state: 'proven', finding: 'the stamp stayed' }], unreadable: {}, notGranted: [] },
  ...{ rows: { users: 3 }, quarantined: {}, references: { classes: { checked: 9, outside: 1 } } },
  known: { users: 'u-0' },
};

/** What a run is put into the ledger with, beside its state; the rest is what a run of that state has. */
export interface RunChanges {
  readonly hold?: Hold | null;
  readonly dryRun?: boolean;
  readonly digest?: string;
  readonly stateAt?: number;
  readonly openedAt?: number;
  readonly markerAt?: number | null;
  readonly leaseOwner?: string;
  /** How long the lease lasts from now; negative: past. */
  readonly leaseLeftMs?: number;
  readonly readFailure?: { readonly reason: string; readonly retry: ReadRetry };
  readonly refreshAsks?: PerType<number>;
  readonly reading?: StoredReading;
  readonly confirmation?: Confirmation | null;
  readonly districtId?: string;
}

export interface StoredWish extends Wish {
  readonly nonce: string | null;
  readonly askedAgainAt: number | null;
  readonly trouble: string | null;
}

/** A ledger under contract: its faces, and what a case puts into it and looks at. */
export interface LedgerUnderContract {
  readonly settlement: Ledger & {
    approve(run: RunKey, digest: string, who: string, why: string, at: number): Promise<boolean>;
    reject(run: RunKey, digest: string, who: string, why: string, at: number): Promise<boolean>;
  };
  readonly openings: Openings & { want(wish: Wish): Promise<boolean> };
  readonly views: Views & { releaseLease(owner: string): Promise<void> };
  readonly reports: { record(reports: readonly Report[], at: number): Promise<void> };
  readonly reading: {
    claim(
      owner: string,
      leaseMs: number,
      atOnce: number,
    ): Promise<(RunKey & { readonly refresh: readonly EntityType[] }) | null>;
    renew(run: RunKey, owner: string, leaseMs: number): Promise<boolean>;
    finish(run: RunKey, owner: string, reading: StoredReading): Promise<boolean>;
    fail(run: RunKey, owner: string, reason: string, retry: ReadRetry): Promise<boolean>;
    lastReferences(districtId: string): Promise<StoredReading['references'] | null>;
    knownVersions(districtId: string): Promise<{ last: string | null; confirmed: string | null }>;
  };
  readonly confirming: {
    claim(
      owner: string,
      leaseMs: number,
    ): Promise<(RunKey & { readonly absent: PerType<Absent>; readonly known: PerType<string> }) | null>;
    renew(run: RunKey, owner: string, leaseMs: number): Promise<boolean>;
    finish(run: RunKey, owner: string, confirmation: Confirmation): Promise<boolean>;
    fail(run: RunKey, owner: string, reason: string, retry: ReadRetry): Promise<boolean>;
  };
  addDistrict(districtId: string): Promise<void>;
  /** As Discovery does it, wishes included; null lists it again. */
  suspend(districtId: string, reason: string | null): Promise<void>;
  /** Only the district's own state, with its wish left. */
  suspendAlone(districtId: string): Promise<void>;
  configure(settings: DistrictSettings): Promise<void>;
  setLastGeneration(generation: number): Promise<void>;
  put(generation: number, state: RunState, changes?: RunChanges): Promise<RunKey>;
  putRefresh(entityType: EntityType, asks: number): Promise<void>;
  refreshes(): Promise<PerType<number>>;
  expireCoordinatorLease(): Promise<void>;
  /** Everything known of a run, to see that nothing changed. */
  dump(run: RunKey): Promise<string>;
  find(run: RunKey): Promise<{
    readonly state: RunState;
    readonly reason: string | null;
    readonly hold: Hold | null;
    readonly markerAt: number | null;
    readonly retryAt: number | null;
    readonly persisted: boolean;
    readonly refresh: readonly EntityType[];
    readonly epochs: Readonly<Record<string, number>>;
    readonly readFailure: object | null;
    readonly confirmation: object | null;
  }>;
  wishes(): Promise<readonly StoredWish[]>;
  /** Of the events that were not published. */
  moments(): Promise<readonly string[]>;
}

export type MakeLedger = () => Promise<LedgerUnderContract>;
