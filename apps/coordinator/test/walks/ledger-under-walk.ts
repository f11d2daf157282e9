import type { EntityType, PerType, Report, RunKey } from '#contracts';
import type { DistrictSettings } from '../../src/settlement/limits.js';
import type { Ledger, Openings, Views } from '../../src/settlement/ports.js';
import type { Absent, Confirmation, ProofPoint, ReadRetry, Wish } from '../../src/settlement/runs.js';

/** A ledger under walk: the ports of the step loop, and what fetchers, consoles and time do to it. */
export interface LedgerUnderWalk {
  readonly views: Views;
  readonly openings: Openings;
  readonly ledger: Ledger;
  addDistrict(districtId: string): Promise<void>;
  suspend(districtId: string): Promise<void>;
  configure(districtId: string, settings: DistrictSettings): Promise<void>;
  want(wish: Wish): Promise<boolean>;
  wish(districtId: string): Promise<Pick<Wish, 'attempt' | 'failures' | 'dueAt'> | null>;
  record(reports: readonly Report[], at: number): Promise<void>;
  claim(owner: string): Promise<RunKey | null>;
  refreshOf(run: RunKey): Promise<readonly EntityType[]>;
  finish(run: RunKey, proof: readonly ProofPoint[]): Promise<boolean>;
  fail(run: RunKey, reason: string, retry: ReadRetry): Promise<boolean>;
  /** A run to be confirmed, if there is one that nobody holds. */
  claimToConfirm(owner: string): Promise<(RunKey & { readonly absent: PerType<Absent> }) | null>;
  confirm(run: RunKey, owner: string, confirmation: Confirmation): Promise<boolean>;
  refuseToConfirm(run: RunKey, owner: string, reason: string): Promise<boolean>;
  loseFetcherLease(): Promise<void>;
  loseCoordinatorLease(): Promise<void>;
  approve(run: RunKey, digest: string, at: number): Promise<boolean>;
  reject(run: RunKey, digest: string, at: number): Promise<boolean>;
  find(
    run: RunKey,
  ): Promise<{ state: string; reason: string | null; digest: string | null; persisted: boolean }>;
}
