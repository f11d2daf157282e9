import {
  CLOSED_RUN_STATES,
  type EntityType,
  type PerType,
  type Report,
  type ReportOf,
  type RunState,
  type SnapshotEventFields,
  type VerbCounts,
} from '#contracts';
import type { Finding } from '../guard.js';
import type { DistrictSettings } from '../limits.js';
import type { Plan } from '../plan.js';
import type { Confirmation, OpenRun, PartitionPlan, Reading, RunCause, Wish } from '../runs.js';

export type Answer = ReportOf<'planned' | 'applied' | 'swept' | 'failed'>;

/** What the fetcher found: the next run compares with its references, masks and version; the known ones are asked for. */
export type StoredReading = Reading & {
  readonly version?: string;
  readonly references: PerType<{ readonly checked: number; readonly outside: number }>;
  readonly known?: PerType<string>;
};

/** A run as the in-memory ledger keeps it: replaced at every change, never written to. */
export interface MemoryRun extends Omit<
  OpenRun,
  'state' | 'plan' | 'suspended' | 'settings' | 'leaseLost' | 'leaseHeld' | 'reading' | 'confirmation'
> {
  readonly state: RunState;
  readonly cause: RunCause;
  readonly reason: string | null;
  readonly reading: StoredReading | null;
  readonly confirmation: Confirmation | null;
  /** Per type of `refresh`, how often it had been asked for when the run was opened. */
  readonly refreshAsks: PerType<number>;
  readonly plan: Plan | null;
  readonly verbs: PerType<VerbCounts>;
  readonly findings: readonly Finding[];
  readonly planned: readonly PartitionPlan[];
  readonly leaseOwner: string | null;
  readonly leaseUntil: number;
  readonly retryAt: number | null;
  readonly persisted: boolean;
}

export interface MemoryDistrict {
  readonly districtId: string;
  readonly suspended: string | null;
  readonly settings: DistrictSettings;
  readonly lastGeneration: number;
  readonly completedGeneration: number | null;
  /** Per type that is due to be sent again, how often that was asked for. */
  readonly refreshDue: PerType<number>;
  /** When a run that carries a refresh was last opened. */
  readonly refreshedAt: number | null;
}

export interface MemoryWish extends Wish {
  readonly nonce: string | null;
  readonly askedAt: number;
  readonly askedAgainAt: number;
  readonly trouble: string | null;
}

export type MemoryEvent = SnapshotEventFields & { readonly id: number };

export interface MemoryDrift {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly partition: number;
  readonly generation: number;
  readonly survived: boolean;
}

export function isClosed({ state }: { readonly state: RunState }): boolean {
  return (CLOSED_RUN_STATES as readonly string[]).includes(state);
}

export function isAnswer(report: Report): report is Answer {
  const { kind } = report;
  return kind === 'planned' || kind === 'applied' || kind === 'swept' || kind === 'failed';
}

/** As the coordinator sees a run that is not closed. */
export function toOpenRun(run: MemoryRun, district: MemoryDistrict, now: number): OpenRun {
  return {
    ...run,
    state: run.state as OpenRun['state'],
    suspended: district.suspended,
    settings: district.settings,
    leaseLost: run.state === 'reading' && run.leaseUntil <= now,
    leaseHeld: (run.state === 'reading' || run.state === 'confirming') && run.leaseUntil > now,
  };
}

/** The run with this answer; the same run if it had one of the kind already. */
export function withAnswer(run: MemoryRun, answer: Answer): MemoryRun {
  const { kind, partition } = answer;
  if (kind === 'failed') {
    if (run.failed.some((failed) => failed.partition === partition)) return run;
    return { ...run, failed: [...run.failed, { partition, reason: answer.reason }] };
  }
  if (run.answered[kind].includes(partition)) return run;
  const answered = { ...run.answered, [kind]: [...run.answered[kind], partition] };
  if (kind !== 'planned') return { ...run, answered };
  return { ...run, answered, planned: [...run.planned, { partition, types: answer.types }] };
}
