import type { EntityType, OpenRunState, PerType, RunKey, VerbCounts } from '#contracts';
import type { Finding } from '../guard.js';
import type { Judgement, Ledger, PlanState } from '../ports.js';
import type { Wish } from '../runs.js';
import type { MemoryRun } from './memory-run.js';
import type { MemoryState } from './memory-state.js';

const ANNOUNCED = ['rejected', 'superseded', 'expired', 'aborted'];

/** The moves of a run, as `SettlementLedger` of the ledger in Postgres: each names the state it starts from. */
export class MemorySettlement implements Ledger {
  constructor(private readonly state: MemoryState) {}

  async plan(
    key: RunKey,
    { plan, findings, hold, confirmation }: Judgement,
    verbs: PerType<VerbCounts>,
    at: number,
  ): Promise<boolean> {
    const run = this.#in('read', key);
    if (run === null) return false;
    const judged = { plan, verbs, findings, why: whyOf(findings), hold, confirmation };
    const changes = { state: 'planned', ...judged } as const;
    return this.state.move(run, changes, at, 'planned', { digest: plan.digest, types: verbs });
  }

  async confirm(key: RunKey, at: number): Promise<boolean> {
    const run = this.#in('planned', key);
    if (run === null || run.hold !== null || run.dryRun || run.confirmation !== null) return false;
    return this.state.move(run, { state: 'confirming', leaseOwner: null, leaseUntil: 0 }, at);
  }

  async veto(key: RunKey, finding: Finding, at: number): Promise<boolean> {
    const run = this.#in('confirming', key);
    if (run === null || run.hold !== null || run.confirmation?.state !== 'failed') return false;
    const findings = [...run.findings, finding];
    return this.state.move(run, { hold: 'sweep', findings, why: whyOf(findings) }, at);
  }

  async apply(key: RunKey, from: Exclude<PlanState, 'applying'>, at: number): Promise<boolean> {
    const run = this.#in(from, key);
    if (run === null || run.hold === 'everything' || run.dryRun) return false;
    if (run.hold === null && !isUnvetoed(run)) return false;
    return this.state.move(run, { state: 'applying' }, at);
  }

  async hold(key: RunKey, from: PlanState, reason: string, at: number): Promise<boolean> {
    const run = this.#in(from, key);
    if (run === null || run.hold === null || run.dryRun) return false;
    return this.state.move(run, { state: 'held', reason }, at, 'held', { reason, ...planOf(run) });
  }

  async sweep(key: RunKey, from: PlanState, at: number): Promise<boolean> {
    const run = this.#in(from, key);
    if (run === null || run.hold !== null || run.dryRun) return false;
    if (from !== 'applying' && !isUnvetoed(run)) return false;
    return this.state.move(run, { state: 'sweeping' }, at);
  }

  async complete(key: RunKey, refreshed: readonly EntityType[], at: number): Promise<boolean> {
    const run = this.#in('sweeping', key);
    if (run === null) return false;
    const { districtId, generation } = run;
    const due = Object.entries(this.state.districts.get(districtId)?.refreshDue ?? {});
    const stays = due.filter(([type, asks]) => {
      const isDone = refreshed.includes(type as EntityType);
      return !isDone || run.refreshAsks[type as EntityType] !== asks;
    });
    this.state.changeDistrict(districtId, {
      completedGeneration: generation,
      refreshDue: Object.fromEntries(stays),
    });
    return this.state.move(run, { state: 'completed' }, at, 'completed', planOf(run));
  }

  async expire(key: RunKey, heldSince: number, at: number): Promise<boolean> {
    const run = this.#in('held', key);
    if (run === null || run.stateAt > heldSince) return false;
    return this.state.move(run, { state: 'expired', hold: null }, at, 'expired', { reason: run.reason });
  }

  async abort(
    key: RunKey,
    from: OpenRunState,
    reason: string,
    wish: Wish | null,
    at: number,
  ): Promise<boolean> {
    const run = this.#in(from, key);
    return run !== null && this.#abort(run, reason, wish, at);
  }

  async abortLostLease(key: RunKey, reason: string, wish: Wish | null, at: number): Promise<boolean> {
    const run = this.#in('reading', key);
    if (run === null || run.leaseUntil > this.state.now()) return false;
    return this.#abort(run, reason, wish, at);
  }

  async approve(key: RunKey, digest: string, _who: string, why: string, at: number): Promise<boolean> {
    const run = this.#in('held', key);
    if (run?.plan?.digest !== digest) return false;
    if (this.state.districts.get(key.districtId)?.suspended !== null) return false;
    const state = run.hold === 'everything' ? 'applying' : 'sweeping';
    return this.state.move(run, { state, hold: null, reason: null }, at, 'approved', { reason: why, digest });
  }

  async reject(key: RunKey, digest: string, _who: string, why: string, at: number): Promise<boolean> {
    const run = this.#in('held', key);
    if (run?.plan?.digest !== digest) return false;
    const changes = { state: 'rejected', reason: why, hold: null } as const;
    return this.state.move(run, changes, at, 'rejected', { reason: why, digest });
  }

  async markerSent(key: RunKey, state: OpenRunState, at: number): Promise<void> {
    const run = this.#in(state, key);
    if (run !== null) this.state.put({ ...run, markerAt: at });
  }

  async announced(key: RunKey, at: number): Promise<void> {
    const run = this.state.find(key);
    if (run !== undefined && ANNOUNCED.includes(run.state)) this.state.put({ ...run, markerAt: at });
  }

  async published(eventIds: readonly number[]): Promise<void> {
    const ids = new Set(eventIds);
    this.state.events = this.state.events.filter(({ id }) => !ids.has(id));
  }

  async notePersisted(watermarks: number): Promise<readonly RunKey[]> {
    const seen: RunKey[] = [];
    for (const run of [...this.state.unpersisted.values()]) {
      const { districtId, generation } = run;
      let passed = 0;
      for (const at of this.state.passed.get(districtId)?.values() ?? []) if (at >= generation) passed += 1;
      if (passed < watermarks) continue;
      this.state.put({ ...run, persisted: true });
      seen.push({ districtId, generation });
    }
    return seen;
  }

  #in(state: OpenRunState, key: RunKey): MemoryRun | null {
    const run = this.state.find(key);
    return run?.state === state ? run : null;
  }

  #abort(run: MemoryRun, reason: string, wish: Wish | null, at: number): true {
    const changes = { state: 'aborted', reason, hold: null, retryAt: wish?.dueAt ?? null } as const;
    this.state.move(run, changes, at, 'aborted', { reason });
    if (wish !== null) this.state.want(wish);
    return true;
  }
}

/** Its absent records were asked for, and none of them is still there. */
function isUnvetoed({ confirmation }: MemoryRun): boolean {
  return confirmation !== null && confirmation.state !== 'failed';
}

function whyOf(findings: readonly Finding[]): string | null {
  return findings.length === 0 ? null : findings.map(({ sentence }) => sentence).join(' ');
}

function planOf({ plan, verbs }: MemoryRun): object {
  return { digest: plan?.digest, types: verbs };
}
