import { ENTITY_TYPES, type PerType, type VerbCounts } from '#contracts';
import type { Decision } from './decide.js';
import { holdOf, judgePlan } from './guard.js';
import { buildPlan, type Plan } from './plan.js';
import type { Judgement, Ports } from './ports.js';
import { wishAfter } from './retry.js';
import type { OpenRun } from './runs.js';
import type { Times } from './times.js';

type Move = Exclude<Decision, { to: 'wait' | 'send-marker' }>;

/** Carries a decision out: one conditional write, then a line in the journal. */
export class RunSettler {
  readonly #ports: Ports;
  readonly #times: Times;

  constructor(ports: Ports, times: Times) {
    this.#ports = ports;
    this.#times = times;
  }

  /** False if somebody else moved the run first. */
  async carryOut(run: OpenRun, move: Move): Promise<boolean> {
    const { journal, failpoint, clock } = this.#ports;
    const now = clock.now();
    const fields: Record<string, unknown> = { from: run.state };
    const moved = await this.#write(run, move, now, fields);
    if (!moved) return false;
    failpoint('coordinator.after-decision');
    if (isClosing(move)) fields['seconds'] = Math.round((now - run.openedAt) / 1000);
    journal.decided(move.to, run, fields);
    return true;
  }

  async #write(run: OpenRun, move: Move, now: number, fields: Record<string, unknown>): Promise<boolean> {
    const { ledger } = this.#ports;
    const from = run.state === 'applying' ? 'applying' : 'planned';
    switch (move.to) {
      case 'planned':
        return this.#plan(run, now, fields);
      case 'applying':
        return ledger.apply(run, now);
      case 'held':
        return ledger.hold(run, from, run.why ?? 'held by the guard', now);
      case 'sweeping':
        return ledger.sweep(run, from, now);
      case 'completed':
        return ledger.complete(run, this.#refreshed(run), now);
      case 'expired':
        return ledger.expire(run, now - this.#times.heldMs, now);
      case 'aborted': {
        const wish = wishAfter(run, move.retry, now, this.#times);
        Object.assign(fields, { reason: move.reason, retryAt: wish && new Date(wish.dueAt).toISOString() });
        return move.leaseLost
          ? ledger.abortLostLease(run, move.reason, wish, now)
          : ledger.abort(run, run.state, move.reason, wish, now);
      }
    }
  }

  async #plan(run: OpenRun, now: number, fields: Record<string, unknown>): Promise<boolean> {
    const { ledger, views } = this.#ports;
    const plan = buildPlan(run, await views.plannedAnswers(run));
    const reading = run.reading ?? { proof: [], unreadable: {}, notGranted: [] };
    const findings = judgePlan(plan, reading, run.settings, now);
    const judgement: Judgement = { plan, findings, hold: holdOf(findings) };
    const types = verbCounts(plan);
    Object.assign(fields, { digest: plan.digest, hold: judgement.hold, types });
    return ledger.plan(run, judgement, types, now);
  }

  /** A refresh is done once a completed run quarantined no record of the type. */
  #refreshed(run: OpenRun) {
    return run.refresh.filter((type) => run.plan?.quarantined.includes(type) === false);
  }
}

/** What a plan would do, in the words of the snapshot events. */
export function verbCounts(plan: Pick<Plan, 'types'>): PerType<VerbCounts> {
  const entries = ENTITY_TYPES.flatMap((type) => {
    const totals = plan.types[type];
    if (totals === undefined) return [];
    const { created, updated, restored, stale, unchanged, quarantined } = totals;
    return [[type, { created, updated, restored, archived: stale, unchanged, quarantined }] as const];
  });
  return Object.fromEntries(entries);
}

function isClosing({ to }: Move): boolean {
  return to === 'completed' || to === 'expired' || to === 'aborted';
}
