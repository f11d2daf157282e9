import {
  CLOSED_RUN_STATES,
  type Report,
  type ReportOf,
  type RunState,
  type SnapshotEventFields,
} from '#contracts';
import type { Plan } from '../plan.js';
import type { Finding } from '../guard.js';
import type { OpenRun, PartitionPlan, RunCause, Wish } from '../runs.js';

export type Answer = ReportOf<'planned' | 'applied' | 'swept' | 'failed'>;
export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A run as the in-memory ledger keeps it. */
export interface MemoryRun extends Mutable<
  Omit<OpenRun, 'state' | 'plan' | 'why' | 'suspended' | 'settings' | 'answered' | 'failed' | 'leaseLost'>
> {
  state: RunState;
  cause: RunCause;
  reason: string | null;
  plan: Plan | null;
  findings: readonly Finding[];
  answers: Map<string, Answer>;
  leaseOwner: string | null;
  leaseUntil: number;
  retryAt: number | null;
  persisted: boolean;
}

export interface MemoryDistrict {
  districtId: string;
  suspended: string | null;
  lastGeneration: number;
  refreshDue: Set<string>;
}

export interface MemoryWish extends Wish {
  nonce: string | null;
  askedAt: number;
  askedAgainAt: number;
  dueAt: number;
  trouble: string | null;
}

export type MemoryEvent = SnapshotEventFields & { readonly id: number };

export function isClosed(run: { readonly state: RunState }): boolean {
  return (CLOSED_RUN_STATES as readonly string[]).includes(run.state);
}

export function isAnswer(report: Report): report is Answer {
  return ['planned', 'applied', 'swept', 'failed'].includes(report.kind);
}

/** As the coordinator sees a run that is not closed. */
export function toOpenRun(run: MemoryRun, suspended: string | null, now: number): OpenRun {
  const answers = [...run.answers.values()];
  const partitionsOf = (kind: string): number[] =>
    answers.filter((answer) => answer.kind === kind).map(({ partition }) => partition);
  return {
    ...run,
    state: run.state as OpenRun['state'],
    suspended,
    settings: {},
    leaseLost: run.state === 'reading' && run.leaseUntil <= now,
    why: run.findings.length === 0 ? null : run.findings.map(({ sentence }) => sentence).join(' '),
    answered: {
      planned: partitionsOf('planned'),
      applied: partitionsOf('applied'),
      swept: partitionsOf('swept'),
    },
    failed: answers
      .filter((answer) => answer.kind === 'failed')
      .map(({ partition, reason }) => ({ partition, reason })),
  };
}

export function plannedOf(run: MemoryRun): readonly PartitionPlan[] {
  return [...run.answers.values()]
    .filter((answer) => answer.kind === 'planned')
    .map(({ partition, types }) => ({ partition, types }));
}
