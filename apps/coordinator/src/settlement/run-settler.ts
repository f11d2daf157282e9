import { ENTITY_TYPES, type PerType, type VerbCounts } from '#contracts';
import type { Decision } from './decide.js';
import { confirmationOf } from './absent.js';
import { holdOf, judgePlan, proofFinding } from './guard.js';
import { buildPlan, planFault, type Plan } from './plan.js';
import type { Judgement, PlanState, Ports } from './ports.js';
import { wishAfter } from './retry.js';
import type { OpenRun, PartitionPlan } from './runs.js';
import type { Times } from './times.js';

type Move = Exclude<Decision, { to: 'wait' | 'send-marker' }>;

interface Written {
  readonly moved: boolean;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Carries a decision out: one conditional write, then a line in the journal. */
export class RunSettler {
  readonly #ports: Ports;
  readonly #times: Times;
  readonly #partitionCount: number;

  constructor(ports: Ports, settings: { readonly times: Times; readonly partitionCount: number }) {
    this.#ports = ports;
    this.#times = settings.times;
    this.#partitionCount = settings.partitionCount;
  }

  /** False if somebody else moved the run first. */
  async carryOut(run: OpenRun, move: Move): Promise<boolean> {
    if (move.to !== 'planned') return this.#moved(run, move.to, {}, (now) => this.#write(run, move, now));
    const answers = await this.#ports.views.plannedAnswers(run);
    const fault = planFault(answers, this.#partitionCount);
    if (fault === null) return this.#plan(run, answers);
    const { districtId, generation } = run;
    this.#ports.journal.alarm(fault, { districtId, generation });
    return this.carryOut(run, { to: 'aborted', reason: fault, retry: 'source', leaseLost: false });
  }

  /** One conditional write, then a line in the journal. */
  async #moved(
    run: OpenRun,
    to: Move['to'],
    told: Readonly<Record<string, unknown>>,
    write: (now: number) => Promise<Written>,
  ): Promise<boolean> {
    const { journal, failpoint, clock } = this.#ports;
    const now = clock.now();
    failpoint('coordinator.before-decision');
    failpoint(`coordinator.before-${to}`);
    const { moved, fields = {} } = await write(now);
    if (!moved) return false;
    failpoint(`coordinator.after-${to}`);
    failpoint('coordinator.after-decision');
    const seconds = isClosing(to) ? { seconds: Math.round((now - run.openedAt) / 1000) } : {};
    journal.decided(to, run, { from: run.state, ...told, ...fields, ...seconds });
    return true;
  }

  async #write(run: OpenRun, move: Exclude<Move, { to: 'planned' }>, now: number): Promise<Written> {
    const { ledger } = this.#ports;
    const from = planStateOf(run);
    switch (move.to) {
      case 'confirming':
        return { moved: await ledger.confirm(run, now) };
      case 'vetoed':
        return { moved: await ledger.veto(run, proofFinding(move.by), now), fields: { hold: 'sweep' } };
      case 'applying':
        return { moved: from !== 'applying' && (await ledger.apply(run, from, now)) };
      case 'held':
        return { moved: await ledger.hold(run, from, run.why ?? 'held by the guard', now) };
      case 'sweeping':
        return { moved: await ledger.sweep(run, from, now) };
      case 'completed':
        return { moved: await ledger.complete(run, this.#refreshed(run), now) };
      case 'expired':
        return { moved: await ledger.expire(run, now - this.#times.heldMs, now) };
      case 'aborted':
        return this.#abort(run, move, now);
    }
  }

  async #abort(run: OpenRun, move: Extract<Move, { to: 'aborted' }>, now: number): Promise<Written> {
    const { ledger } = this.#ports;
    const { reason, retry, leaseLost } = move;
    const wish = wishAfter(run, retry, now, this.#times);
    const fields = { reason, retryAt: wish && new Date(wish.dueAt).toISOString() };
    const moved = leaseLost
      ? ledger.abortLostLease(run, reason, wish, now)
      : ledger.abort(run, run.state, reason, wish, now);
    return { moved: await moved, fields };
  }

  #plan(run: OpenRun, answers: readonly PartitionPlan[]): Promise<boolean> {
    const { ledger, clock } = this.#ports;
    const plan = buildPlan(run, answers);
    const reading = run.reading ?? { proof: [], unreadable: {}, notGranted: [] };
    const findings = judgePlan(plan, reading, run.settings, clock.now());
    const confirmation = confirmationOf(plan.absent);
    const judgement: Judgement = { plan, findings, hold: holdOf(findings), confirmation };
    const types = verbCounts(plan);
    const told = { digest: plan.digest, hold: judgement.hold, types };
    return this.#moved(run, 'planned', told, async (now) => ({
      moved: await ledger.plan(run, judgement, types, now),
    }));
  }

  /** A refresh is done once a completed run met no active record of the type quarantined. */
  #refreshed(run: OpenRun) {
    return run.refresh.filter((type) => run.plan?.quarantinedActive.includes(type) === false);
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

function planStateOf({ state }: OpenRun): PlanState {
  return state === 'confirming' || state === 'applying' ? state : 'planned';
}

function isClosing(to: Move['to']): boolean {
  return to === 'completed' || to === 'expired' || to === 'aborted';
}
