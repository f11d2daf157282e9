/*
 * What the step loop needs of the world. Each has the real thing in the shell and an in-memory one beside it. Every
 * conditional write of the ledger answers whether it took place; false means that somebody else was first, and that
 * what was decided is void.
 */
import type {
  DistrictEventFields,
  EntityType,
  OpenRunState,
  PerType,
  RawMarker,
  RunKey,
  SnapshotEventFields,
  VerbCounts,
} from '#contracts';
import type { Finding } from './guard.js';
import type { Plan } from './plan.js';
import type {
  Asking,
  Confirmation,
  DueWish,
  Hold,
  OpenRun,
  PartitionPlan,
  PartitionState,
  RefreshDue,
  Wish,
} from './runs.js';

/** Everything a step decides from, as of one moment. */
export interface LedgerView {
  readonly runs: readonly OpenRun[];
  /** Closed runs whose ABORT has not been sent. */
  readonly unannounced: readonly (RunKey & { readonly reason: string })[];
  /** Wishes that are due, of active districts, with no run in their way and no ASK yet. */
  readonly due: readonly DueWish[];
  readonly askings: readonly Asking[];
  /** Active districts with types due to be sent again, no wish, and no run that is not closed. */
  readonly refreshes: readonly RefreshDue[];
  readonly partitions: readonly PartitionState[];
  readonly events: readonly (LifecycleEvent & { readonly id: number })[];
  /** Some completed run has not been seen in Postgres yet. */
  readonly awaitsPersister: boolean;
  /** Types due to be sent again, over all districts. */
  readonly refreshesDue: number;
  /** Copies that differed from their last watermark, by district, type and partition. */
  readonly drifts: number;
}

export interface Judgement {
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  readonly hold: Hold | null;
  /** Given where nobody is to be asked for. */
  readonly confirmation: Confirmation | null;
}

/** States from which a plan goes on; `confirming` only once its absent records were asked for. */
export type PlanState = 'planned' | 'confirming' | 'applying';

/** What the coordinator looks at, and its lease. */
export interface Views {
  /** Takes or keeps the place of the active coordinator. */
  holdLease(owner: string, leaseMs: number): Promise<'taken' | 'kept' | 'elsewhere'>;
  load(now: number): Promise<LedgerView>;
  plannedAnswers(run: RunKey): Promise<readonly PartitionPlan[]>;
}

/** From a wish to an opened run. */
export interface Openings {
  /** Wishes for a run that sends again what is due; false if nothing is, or a wish or an open run is there. */
  wantRefresh(districtId: string, dueAt: number): Promise<boolean>;
  /** Notes the ASK that these wishes wait on. */
  ask(nonce: string, districtIds: readonly string[], at: number): Promise<void>;
  /** `asOf`: rebuilds heard of until then need no further ASK before the deadline. */
  askedAgain(nonce: string, asOf: number): Promise<void>;
  postpone(nonce: string, trouble: string, dueAt: number): Promise<void>;
  /**
   * Takes the next generation and opens the run that a wish with this nonce asked for; closes an undecided held one
   * as superseded. Null if the district is suspended, the wish is gone, or another run is not closed.
   */
  open(
    districtId: string,
    nonce: string,
    epochs: Readonly<Record<string, number>>,
    at: number,
  ): Promise<number | null>;
}

/** The moves of a run, and notes on what was sent and seen of it. */
export interface Ledger {
  /** `read` → `planned`. */
  plan(run: RunKey, judgement: Judgement, verbs: PerType<VerbCounts>, at: number): Promise<boolean>;
  /** `planned` → `confirming`, of a run that is not to be held and whose absent records were not asked for. */
  confirm(run: RunKey, at: number): Promise<boolean>;
  /** Holds the sweep of a run in `confirming` of which an absent record is still there; it stays in that state. */
  veto(run: RunKey, finding: Finding, at: number): Promise<boolean>;
  /** `planned` or `confirming` → `applying`, of a run whose sweep is held or whose absent records are not vetoed. */
  apply(run: RunKey, from: Exclude<PlanState, 'applying'>, at: number): Promise<boolean>;
  /** → `held`. */
  hold(run: RunKey, from: PlanState, reason: string, at: number): Promise<boolean>;
  /** → `sweeping`, of a run that is not to be held and whose absent records are not vetoed. */
  sweep(run: RunKey, from: PlanState, at: number): Promise<boolean>;
  /** `sweeping` → `completed`; `refreshed`: types no longer due, unless asked for again since the run was opened. */
  complete(run: RunKey, refreshed: readonly EntityType[], at: number): Promise<boolean>;
  /** `held` since no later than `heldSince` → `expired`. */
  expire(run: RunKey, heldSince: number, at: number): Promise<boolean>;
  /** The wish, if any, is made in the same transaction. */
  abort(run: RunKey, from: OpenRunState, reason: string, wish: Wish | null, at: number): Promise<boolean>;
  /** `reading` with a lease that is past → `aborted`. */
  abortLostLease(run: RunKey, reason: string, wish: Wish | null, at: number): Promise<boolean>;
  /** The marker of this state went out. */
  markerSent(run: RunKey, state: OpenRunState, at: number): Promise<void>;
  /** The ABORT of a closed run went out. */
  announced(run: RunKey, at: number): Promise<void>;
  published(eventIds: readonly number[], at: number): Promise<void>;
  /** Notes completed runs of which Postgres has passed so many watermarks; answers them. */
  notePersisted(watermarks: number, at: number): Promise<readonly RunKey[]>;
}

export interface RawLog {
  /** Resolves when Kafka has acknowledged the marker in each of these partitions. */
  publish(marker: RawMarker, partitions: readonly number[]): Promise<void>;
}

/** Of a run or of a district. */
export type LifecycleEvent = SnapshotEventFields | DistrictEventFields;

export interface SnapshotLog {
  publish(events: readonly LifecycleEvent[]): Promise<void>;
}

export interface Clock {
  now(): number;
}

/** By the state that a decision leads to, or what was done. */
export const RUN_DECISIONS = [
  'opened',
  'planned',
  'confirming',
  'vetoed',
  'applying',
  'held',
  'sweeping',
  'completed',
  'expired',
  'aborted',
  'approved',
  'rejected',
  'persisted',
  'taken-over',
] as const;
export type RunDecision = (typeof RUN_DECISIONS)[number];

/** Where decisions are told: a log line and a count each. */
export interface Journal {
  decided(decision: RunDecision, run: RunKey, fields: Readonly<Record<string, unknown>>): void;
  /** What there is, at every step; null: another coordinator is active, and what was seen before is out of date. */
  looked(view: LedgerView | null): void;
  /** A run was wished for because types are due to be sent again. */
  wanted(districtId: string, types: readonly EntityType[]): void;
  trouble(sentence: string, fields: Readonly<Record<string, unknown>>): void;
  /** A port answered nonsense: somebody must look. */
  alarm(sentence: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface Ports {
  readonly views: Views;
  readonly openings: Openings;
  readonly ledger: Ledger;
  readonly rawLog: RawLog;
  readonly snapshotLog: SnapshotLog;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly nonce: () => string;
  readonly failpoint: (name: string) => void;
}
