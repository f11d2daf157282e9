import type { PerType, RunKey } from '#contracts';
import type { Absent, Confirmation, ReadRetry } from '../runs.js';
import type { MemoryRun } from './memory-run.js';
import type { MemoryState } from './memory-state.js';

/** What a fetcher may do to a run that is to be confirmed, as `ConfirmingLedger` of the ledger in Postgres. */
export class MemoryConfirming {
  constructor(private readonly state: MemoryState) {}

  async claim(
    owner: string,
    leaseMs: number,
  ): Promise<(RunKey & { absent: PerType<Absent>; known: PerType<string>; version: string | null }) | null> {
    const now = this.state.now();
    const free = [...this.state.openRuns.values()].filter((run) => isWaiting(run) && run.leaseUntil <= now);
    const [first] = free.sort((a, b) => a.stateAt - b.stateAt || (a.districtId < b.districtId ? -1 : 1));
    if (first === undefined) return null;
    this.state.put({ ...first, leaseOwner: owner, leaseUntil: now + leaseMs });
    const { districtId, generation, plan, reading } = first;
    const { known = {}, version = null } = reading ?? {};
    return { districtId, generation, absent: plan?.absent ?? {}, known, version };
  }

  async renew(run: RunKey, owner: string, leaseMs: number): Promise<boolean> {
    const held = this.#held(run, owner);
    if (held === null) return false;
    this.state.put({ ...held, leaseUntil: this.state.now() + leaseMs });
    return true;
  }

  async finish(run: RunKey, owner: string, confirmation: Confirmation): Promise<boolean> {
    const held = this.#held(run, owner);
    if (held === null) return false;
    this.state.put({ ...held, confirmation });
    return true;
  }

  async fail(run: RunKey, owner: string, reason: string, retry: ReadRetry): Promise<boolean> {
    const held = this.#held(run, owner);
    if (held === null) return false;
    this.state.put({ ...held, readFailure: { reason, retry } });
    return true;
  }

  /** Nobody is erased in memory. */
  async erased(): Promise<ReadonlySet<never>> {
    return new Set();
  }

  #held(key: RunKey, owner: string): MemoryRun | null {
    const run = this.state.find(key);
    if (run === undefined || !isWaiting(run) || run.leaseOwner !== owner) return null;
    return run.leaseUntil > this.state.now() ? run : null;
  }
}

function isWaiting({ state, confirmation, readFailure }: MemoryRun): boolean {
  return state === 'confirming' && confirmation === null && readFailure === null;
}
