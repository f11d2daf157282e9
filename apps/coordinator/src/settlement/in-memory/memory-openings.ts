import type { EntityType } from '#contracts';
import type { Openings } from '../ports.js';
import type { Wish } from '../runs.js';
import type { MemoryRun, MemoryWish } from './memory-run.js';
import type { MemoryState } from './memory-state.js';

/** From a wish to an opened run, as `OpeningLedger` of the ledger in Postgres. */
export class MemoryOpenings implements Openings {
  constructor(private readonly state: MemoryState) {}

  async want(wish: Wish): Promise<boolean> {
    return this.state.want(wish);
  }

  async wantRefresh(districtId: string, dueAt: number): Promise<boolean> {
    const district = this.state.districts.get(districtId);
    if (this.state.openRuns.has(districtId) || Object.keys(district?.refreshDue ?? {}).length === 0) {
      return false;
    }
    const wish = { cause: 'refresh', dryRun: false, retries: 'scheduled', attempt: 1, failures: 0 } as const;
    return this.state.want({ districtId, ...wish, dueAt });
  }

  async ask(nonce: string, districtIds: readonly string[], at: number): Promise<void> {
    for (const districtId of districtIds) {
      const wish = this.state.wishes.get(districtId);
      if (wish?.nonce === null) {
        this.state.wishes.set(districtId, { ...wish, nonce, askedAt: at, askedAgainAt: at });
      }
    }
  }

  async askedAgain(nonce: string, asOf: number): Promise<void> {
    this.#change(nonce, { askedAgainAt: asOf });
  }

  async postpone(nonce: string, trouble: string, dueAt: number): Promise<void> {
    this.#change(nonce, { nonce: null, askedAt: 0, askedAgainAt: 0, trouble, dueAt });
    this.state.ready.delete(nonce);
  }

  async open(
    districtId: string,
    nonce: string,
    epochs: Readonly<Record<string, number>>,
    at: number,
  ): Promise<number | null> {
    const { districts, wishes, openRuns } = this.state;
    const district = districts.get(districtId);
    const wish = wishes.get(districtId);
    if (district?.suspended !== null || wish?.nonce !== nonce) return null;
    const open = openRuns.get(districtId);
    if (open !== undefined && open.state !== 'held') return null;
    if (open !== undefined) this.#supersede(open, at);
    wishes.delete(districtId);
    if (![...wishes.values()].some((other) => other.nonce === nonce)) this.state.ready.delete(nonce);
    const generation = Math.max(district.lastGeneration + 1, Math.floor(at / 1000));
    const refresh = Object.keys(district.refreshDue) as EntityType[];
    const refreshedAt = refresh.length > 0 && !wish.dryRun ? at : district.refreshedAt;
    this.state.changeDistrict(districtId, { lastGeneration: generation, refreshedAt });
    this.state.put(newRun(wish, generation, epochs, refresh, district.refreshDue, at));
    this.state.tell({ districtId, generation }, 'opened', at, {});
    return generation;
  }

  #supersede(held: MemoryRun, at: number): void {
    const reason = 'a newer run was opened';
    this.state.move(held, { state: 'superseded', reason, hold: null }, at, 'superseded', { reason });
  }

  #change(nonce: string, changes: Partial<MemoryWish>): void {
    for (const [districtId, wish] of this.state.wishes) {
      if (wish.nonce === nonce) this.state.wishes.set(districtId, { ...wish, ...changes });
    }
  }
}

const ANSWERED = { planned: [], applied: [], swept: [] } as const;

function newRun(
  { districtId, cause, dryRun, retries, attempt, failures }: MemoryWish,
  generation: number,
  epochs: Readonly<Record<string, number>>,
  refresh: readonly EntityType[],
  refreshAsks: MemoryRun['refreshAsks'],
  at: number,
): MemoryRun {
  return {
    districtId,
    generation,
    cause,
    dryRun,
    retries,
    attempt,
    failures,
    epochs,
    refresh,
    refreshAsks,
    openedAt: at,
    stateAt: at,
    state: 'opened',
    markerAt: null,
    reason: null,
    readFailure: null,
    reading: null,
    confirmation: null,
    hold: null,
    plan: null,
    verbs: {},
    findings: [],
    why: null,
    planned: [],
    answered: ANSWERED,
    failed: [],
    leaseOwner: null,
    leaseUntil: 0,
    retryAt: null,
    persisted: false,
  };
}
