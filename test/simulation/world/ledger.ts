/* The ledger in memory, which also remembers what was ever decided. */
import type { RunKey } from '#contracts';
import type { MemoryRun } from '../../../apps/coordinator/src/settlement/in-memory/memory-run.js';
import { MemoryLedger } from '../../../apps/coordinator/src/settlement/in-memory/memory-ledger.js';
import { MemorySettlement } from '../../../apps/coordinator/src/settlement/in-memory/memory-settlement.js';
import type { PlanState } from '../../../apps/coordinator/src/settlement/ports.js';
import type { MemoryState } from '../../../apps/coordinator/src/settlement/in-memory/memory-state.js';

export class WitnessedLedger extends MemoryLedger {
  override readonly settlement: WitnessedSettlement;

  constructor(readonly now: () => number) {
    super(now);
    this.settlement = new WitnessedSettlement(this.state);
  }

  /** Newest last, per district. */
  runsOf(districtId: string): readonly MemoryRun[] {
    const closed = [...this.state.closedRuns.values()].filter((run) => run.districtId === districtId);
    const open = this.state.openRuns.get(districtId);
    return [...closed, ...(open === undefined ? [] : [open])].sort((a, b) => a.generation - b.generation);
  }

  want(districtId: string): void {
    this.state.want({
      districtId,
      cause: 'asked',
      dryRun: false,
      retries: 'at-once',
      attempt: 1,
      failures: 0,
      dueAt: this.now(),
    });
  }
}

class WitnessedSettlement extends MemorySettlement {
  readonly #applied = new Set<string>();
  readonly #swept = new Set<string>();
  readonly #state: MemoryState;

  constructor(state: MemoryState) {
    super(state);
    this.#state = state;
  }

  isDecided(districtId: string, generation: number, what: 'apply' | 'sweep'): boolean {
    return (what === 'apply' ? this.#applied : this.#swept).has(`${districtId}/${generation}`);
  }

  override async apply(run: RunKey, from: 'planned' | 'confirming', at: number): Promise<boolean> {
    return this.#note(this.#applied, run, await super.apply(run, from, at));
  }

  override async sweep(run: RunKey, from: PlanState, at: number): Promise<boolean> {
    return this.#note(this.#swept, run, await super.sweep(run, from, at));
  }

  override async approve(
    run: RunKey,
    digest: string,
    who: string,
    why: string,
    at: number,
  ): Promise<boolean> {
    const approved = await super.approve(run, digest, who, why, at);
    const isApplying = this.#state.find(run)?.state === 'applying';
    return this.#note(isApplying ? this.#applied : this.#swept, run, approved);
  }

  #note(decided: Set<string>, { districtId, generation }: RunKey, took: boolean): boolean {
    if (took) decided.add(`${districtId}/${generation}`);
    return took;
  }
}
