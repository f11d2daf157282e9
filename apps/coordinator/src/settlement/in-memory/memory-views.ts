import type { EntityType, RunKey } from '#contracts';
import type { LedgerView, Views } from '../ports.js';
import type { Asking, DueWish, PartitionPlan } from '../runs.js';
import { toOpenRun, type MemoryWish } from './memory-run.js';
import type { MemoryState } from './memory-state.js';

const MAX_EVENTS = 200;

/** What the coordinator looks at, as `LedgerViews` of the ledger in Postgres. */
export class MemoryViews implements Views {
  constructor(private readonly state: MemoryState) {}

  async holdLease(owner: string, leaseMs: number): Promise<'taken' | 'kept' | 'elsewhere'> {
    const now = this.state.now();
    const before = this.state.lease;
    if (before.owner !== owner && before.until > now) return 'elsewhere';
    this.state.lease = { owner, until: now + leaseMs };
    return before.owner === owner ? 'kept' : 'taken';
  }

  async releaseLease(owner: string): Promise<void> {
    if (this.state.lease.owner === owner) this.state.lease = { owner: '', until: 0 };
  }

  async load(now: number): Promise<LedgerView> {
    const { openRuns, unannounced, partitions, events, unpersisted, drifts } = this.state;
    const runs = [];
    for (const run of openRuns.values()) {
      const district = this.state.districts.get(run.districtId);
      if (district !== undefined) runs.push(toOpenRun(run, district, this.state.now()));
    }
    return {
      runs,
      unannounced: Array.from(unannounced.values(), ({ districtId, generation, reason, state }) => ({
        ...{ districtId, generation },
        reason: reason ?? state,
      })),
      due: this.#due(now),
      askings: this.#askings(),
      refreshes: this.#refreshes(),
      partitions: [...partitions.values()],
      events: events.length > MAX_EVENTS ? events.slice(0, MAX_EVENTS) : events,
      awaitsPersister: unpersisted.size > 0,
      refreshesDue: this.#refreshesDue(),
      drifts: drifts.size,
    };
  }

  async plannedAnswers(key: RunKey): Promise<readonly PartitionPlan[]> {
    return this.state.find(key)?.planned ?? [];
  }

  #due(now: number): readonly DueWish[] {
    const due: MemoryWish[] = [];
    for (const wish of this.state.wishes.values()) {
      const open = this.state.openRuns.get(wish.districtId);
      const isFree = open === undefined || open.state === 'held';
      const isActive = this.state.districts.get(wish.districtId)?.suspended === null;
      if (wish.nonce === null && wish.dueAt <= now && isFree && isActive) due.push(wish);
    }
    return due
      .sort((a, b) => a.dueAt - b.dueAt)
      .map(({ districtId, cause, retries }) => {
        const settings = this.state.districts.get(districtId)?.settings ?? {};
        return { districtId, cause, retries, settings };
      });
  }

  #askings(): readonly Asking[] {
    const askings = new Map<string, Asking>();
    for (const { districtId, nonce, askedAt, askedAgainAt } of this.state.wishes.values()) {
      if (nonce === null) continue;
      const asking = askings.get(nonce);
      askings.set(nonce, {
        nonce,
        districtIds: [...(asking?.districtIds ?? []), districtId],
        askedAt: Math.min(asking?.askedAt ?? askedAt, askedAt),
        askedAgainAt: Math.max(asking?.askedAgainAt ?? askedAgainAt, askedAgainAt),
        answers: asking?.answers ?? this.#answers(nonce),
      });
    }
    return [...askings.values()];
  }

  #answers(nonce: string): Asking['answers'] {
    return Array.from(this.state.ready.get(nonce) ?? [], ([partition, epoch]) => ({ partition, epoch }));
  }

  #refreshes(): LedgerView['refreshes'] {
    const refreshes = [];
    for (const { districtId, suspended, refreshDue, refreshedAt } of this.state.districts.values()) {
      if (suspended !== null || this.state.wishes.has(districtId) || this.state.openRuns.has(districtId)) {
        continue;
      }
      const types = Object.keys(refreshDue) as EntityType[];
      if (types.length > 0) refreshes.push({ districtId, types, refreshedAt });
    }
    return refreshes;
  }

  #refreshesDue(): number {
    let due = 0;
    for (const { refreshDue } of this.state.districts.values()) due += Object.keys(refreshDue).length;
    return due;
  }
}
