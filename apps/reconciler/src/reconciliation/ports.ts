/*
 * What the reconciler's step loop needs of the outside, decoded: the index of GG4L IDs (Redis), the logs (Kafka), a
 * clock. The services and the simulation run the same loop over two implementations of these.
 */
import type { Change, EntityType, PerType, RawMessage, Report, ReportOf, WatermarkFields } from '#contracts';

export type Mode = 'follow' | 'apply' | 'sweep' | 'close';

/** Where a partition stands. `next`: raw offset to handle next; `applyNext`: raw offset in mode apply, type in mode sweep. */
export interface Position {
  readonly epoch: number;
  readonly mode: Mode;
  readonly next: bigint;
  readonly applyNext: string;
}

export interface IndexEntry {
  /** 16 bytes. */
  readonly fingerprint: Buffer;
  readonly status: 'active' | 'archived';
  /** Generation of its last change. */
  readonly generation: number;
  /** 8 bytes. */
  readonly schoolHash: Buffer;
}

export type Phase = 'reading' | 'planned' | 'failed' | 'applied' | 'swept' | 'aborted';

/** Counts of one type in the current snapshot; offsets are raw offsets in decimal, '' if nothing changed. */
export interface TypeTally {
  seen: number;
  withdrawn: number;
  quarantined: number;
  unchanged: number;
  created: number;
  updated: number;
  restored: number;
  /** Xor of the record hashes of all distinct ids, seen and withdrawn. */
  idsXor: string;
  /** Xors of watermark terms (created, updated) and of record hashes (restored). */
  createdXor: string;
  updatedXor: string;
  restoredXor: string;
  firstChanged: string;
  lastChanged: string;
  appliedCreated: number;
  appliedUpdated: number;
  appliedRestored: number;
}

export interface SnapshotState {
  readonly generation: number;
  readonly phase: Phase;
  readonly openedAt: string;
  readonly refresh: readonly EntityType[];
  readonly types: PerType<Readonly<TypeTally>>;
}

/** Reports of the current snapshot, kept to be repeated. */
export interface KeptReports {
  readonly planned?: ReportOf<'planned'>;
  readonly applied?: ReportOf<'applied'>;
  readonly failed?: ReportOf<'failed'>;
}

/** Count of active records and xor of their watermark terms. */
export interface Digest {
  readonly active: number;
  readonly xor: string;
}

export interface DistrictView {
  readonly snapshot: SnapshotState | null;
  readonly reports: KeptReports;
  readonly digests: PerType<Digest>;
  readonly archived: PerType<number>;
}

export interface IdGroup {
  readonly districtId: string;
  readonly entityType: EntityType;
  /** The generation whose `seen` and `withdrawn` are asked. */
  readonly generation: number;
  readonly gg4lIds: readonly string[];
}

/** Answers of a group, in the order of its ids. */
export interface GroupView {
  readonly entries: readonly (IndexEntry | null)[];
  readonly marked: readonly ('seen' | 'withdrawn' | null)[];
}

export interface IndexView {
  readonly position: Position | null;
  readonly districts: ReadonlyMap<string, DistrictView>;
  readonly groups: readonly GroupView[];
}

export interface Marks {
  readonly entityType: EntityType;
  readonly seen: readonly string[];
  readonly withdrawn: readonly string[];
}

export interface EntryChanges {
  readonly entityType: EntityType;
  readonly entries: readonly { readonly gg4lId: string; readonly entry: IndexEntry }[];
}

/** What one compare-and-set call changes of one district. */
export interface DistrictWrites {
  readonly districtId: string;
  readonly snapshot?: SnapshotState;
  readonly reports?: KeptReports;
  /** Added to `seen:<generation>` and `withdrawn:<generation>`. */
  readonly marks?: { readonly generation: number; readonly types: readonly Marks[] };
  /** Active entries only: they enter the active set. */
  readonly entries?: readonly EntryChanges[];
  readonly digests?: PerType<Digest>;
  /** Forgets kept reports, archive counts and the marks and worklists of this generation. */
  readonly forget?: { readonly generation: number; readonly reports: boolean };
  /** Computes `stale = active \ seen` of every type; refused unless the snapshot has this generation and phase. */
  readonly startSweep?: { readonly generation: number; readonly phase: Phase };
  /** Refused while any worklist of this generation holds an id. */
  readonly endSweep?: { readonly generation: number };
}

export interface StaleRecord {
  readonly gg4lId: string;
  readonly entry: IndexEntry;
  readonly withdrawn: boolean;
}

export interface ArchiveChunk {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly generation: number;
  /** The archived entry and the watermark term (8 bytes) it takes out of the digest. */
  readonly records: readonly { readonly gg4lId: string; readonly entry: IndexEntry; readonly term: Buffer }[];
}

/** The index of GG4L IDs of all partitions. Every write is one atomic compare-and-set on the position. */
export interface RosterIndex {
  /** Position, districts and groups in one call, under the position's epoch. */
  read(partition: number, districtIds: readonly string[], groups: readonly IdGroup[]): Promise<IndexView>;
  /** False (and nothing written) unless the position still is `expected` and every condition holds. */
  write(
    partition: number,
    expected: Position,
    next: Position,
    districts: readonly DistrictWrites[],
  ): Promise<boolean>;
  /** Active ids that are not in `seen`, in chunks; for the plan. */
  unseen(
    partition: number,
    epoch: number,
    group: Omit<IdGroup, 'gg4lIds'>,
  ): AsyncIterable<readonly StaleRecord[]>;
  /** Up to `limit` ids of a sweep's worklist, with their entries. */
  stale(
    partition: number,
    epoch: number,
    group: Omit<IdGroup, 'gg4lIds'>,
    limit: number,
  ): Promise<readonly StaleRecord[]>;
  /** Archives those of a chunk that are still in the worklist; null if the position is not `expected`, else how many. */
  archive(partition: number, expected: Position, chunk: ArchiveChunk): Promise<number | null>;
  /** Sets the first position of an epoch; false if the index holds this epoch or a higher one. */
  install(partition: number, position: Position): Promise<boolean>;
}

export interface PlacedMessage {
  readonly offset: bigint;
  /** Null: could not be decoded and is in the dead letters. */
  readonly message: RawMessage | null;
}

export interface Logs {
  /** Messages of the raw partition in [from, to), in batches; throws if `from` is below the log's start. */
  readRaw(partition: number, from: bigint, to: bigint): AsyncIterable<readonly PlacedMessage[]>;
  rawEnds(partition: number): Promise<{ readonly start: bigint; readonly end: bigint }>;
  /** What the change topics of this partition hold: highest epoch of their fences, and whether any record's event. */
  surveyChanges(partition: number): Promise<{ readonly epoch: number; readonly holdsEvents: boolean }>;
  /** Appends the raw fence; returns its offset. */
  fenceRaw(partition: number, epoch: number, author: string): Promise<bigint>;
  /** Appends a fence to each change topic; false if a fence of this or a higher epoch came first in any. */
  fenceChanges(partition: number, epoch: number, author: string): Promise<boolean>;
  /** Acknowledged by all when it returns; the order of each topic is the order given. */
  emit(partition: number, changes: readonly Change[]): Promise<void>;
  emitWatermarks(partition: number, watermarks: readonly WatermarkFields[]): Promise<void>;
  report(reports: readonly Report[]): Promise<void>;
}

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
}

/** The consumer's side of one batch. */
export interface Turn {
  heartbeat(): Promise<void>;
  isLive(): boolean;
  commit(next: bigint): Promise<void>;
  seek(offset: bigint): void;
}

export interface LoopPorts {
  readonly index: RosterIndex;
  readonly logs: Logs;
  readonly clock: Clock;
  /** Called at named points; kills the process where a test asked for it. */
  readonly failpoint: (name: string) => void;
}

/** What a step led to: go on at `next`, read again, or return to `offset` in another turn. */
export type Outcome =
  | { readonly kind: 'advanced'; readonly next: bigint }
  | { readonly kind: 'refused' }
  | { readonly kind: 'return'; readonly offset: bigint };
