import type { EntityType, PerType, RunKey } from '#contracts';
import type { AllowList } from '#oneroster';
import type { MemoryRun, StoredReading } from './memory-run.js';
import type { MemoryState } from './memory-state.js';
import type { MaskedShares, ReadRetry } from '../runs.js';

/** What a fetcher may do to a run, as `ReadingLedger` of the ledger in Postgres. */
export class MemoryReading {
  constructor(private readonly state: MemoryState) {}

  async claim(
    owner: string,
    leaseMs: number,
    atOnce: number,
  ): Promise<{
    districtId: string;
    generation: number;
    openedAt: string;
    refresh: readonly EntityType[];
    attempt: number;
    dryRun: boolean;
    allow: AllowList | null;
    maskedBefore: MaskedShares | null;
  } | null> {
    const now = this.state.now();
    let first: MemoryRun | undefined;
    let beingRead = 0;
    for (const run of this.state.openRuns.values()) {
      if (run.state === 'reading' && run.leaseUntil > now) beingRead += 1;
      if (run.state === 'opened' && (first === undefined || isBefore(run, first))) first = run;
    }
    if (first === undefined || beingRead >= atOnce) return null;
    this.state.put({
      ...first,
      state: 'reading',
      stateAt: now,
      leaseOwner: owner,
      leaseUntil: now + leaseMs,
    });
    const { districtId, generation, openedAt, refresh, attempt, dryRun } = first;
    return {
      districtId,
      generation,
      openedAt: new Date(openedAt).toISOString(),
      refresh,
      attempt,
      dryRun,
      allow: this.state.districts.get(districtId)?.settings.allow ?? null,
      maskedBefore: this.state.lastCompleted.get(districtId)?.reading?.masked ?? null,
    };
  }

  async renew(run: RunKey, owner: string, leaseMs: number): Promise<boolean> {
    const held = this.#held(run, owner);
    if (held === null) return false;
    this.state.put({ ...held, leaseUntil: this.state.now() + leaseMs });
    return true;
  }

  async finish(run: RunKey, owner: string, reading: StoredReading): Promise<boolean> {
    const held = this.#held(run, owner);
    if (held === null || held.readFailure !== null) return false;
    return this.state.move(held, { state: 'read', reading }, this.state.now());
  }

  async fail(run: RunKey, owner: string, reason: string, retry: ReadRetry): Promise<boolean> {
    const held = this.#held(run, owner);
    if (held === null) return false;
    this.state.put({ ...held, readFailure: { reason, retry } });
    return true;
  }

  async lastReferences(
    districtId: string,
  ): Promise<PerType<{ readonly checked: number; readonly outside: number }> | null> {
    return this.state.lastCompleted.get(districtId)?.reading?.references ?? null;
  }

  /** Nobody is erased in memory. */
  async erased(): Promise<ReadonlySet<never>> {
    return new Set();
  }

  async knownVersions(districtId: string): Promise<{ last: string | null; confirmed: string | null }> {
    return {
      last: this.state.lastCompleted.get(districtId)?.reading?.version ?? null,
      confirmed: this.state.districts.get(districtId)?.settings.version ?? null,
    };
  }

  /** Null unless the run is being read under a lease of this owner that is not past. */
  #held(key: RunKey, owner: string): MemoryRun | null {
    const run = this.state.find(key);
    if (run?.state !== 'reading' || run.leaseOwner !== owner) return null;
    return run.leaseUntil > this.state.now() ? run : null;
  }
}

function isBefore(a: MemoryRun, b: MemoryRun): boolean {
  return a.openedAt < b.openedAt || (a.openedAt === b.openedAt && a.districtId < b.districtId);
}
