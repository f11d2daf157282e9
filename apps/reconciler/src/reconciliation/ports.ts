/*
 * What the reconciler's step loop needs of the outside, decoded: the index of GG4L IDs (Redis), the logs (Kafka), a
 * clock. The services and the simulation run the same loop over two implementations of these.
 */
import type { Change, ChangeVerb, EntityType, RawMessage, Report, WatermarkFields } from '#contracts';
import type {
  ArchiveChunk,
  Digest,
  DistrictWrites,
  IdGroup,
  IndexEntry,
  IndexView,
  LoadedType,
  MarkCounts,
  Position,
  StaleRecord,
} from './index-state.js';

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
  /**
   * Active ids that are not in `seen`, in chunks; for the plan. `marked`: how many ids the snapshot has marked; throws
   * LostMarksError if `seen` and `withdrawn` do not hold just as many.
   */
  unseen(
    partition: number,
    epoch: number,
    group: Omit<IdGroup, 'gg4lIds'>,
    marked: MarkCounts,
  ): AsyncIterable<readonly StaleRecord[]>;
  /** Up to `limit` ids of a sweep's worklist, with their entries. */
  stale(
    partition: number,
    epoch: number,
    group: Omit<IdGroup, 'gg4lIds'>,
    limit: number,
  ): Promise<readonly StaleRecord[]>;
  /**
   * Takes those of a chunk that are still in the worklist and archives them; those that were archived before leave the
   * digest and the archive counts alone. Null if the position is not `expected`, else how many were taken.
   */
  archive(partition: number, expected: Position, chunk: ArchiveChunk): Promise<number | null>;
  /**
   * Entries of a fresh epoch and the digest so far; nothing if the index holds this epoch or a higher one. `first`:
   * unlinks what an earlier attempt left of this district and type under this epoch. The first of an epoch removes keys
   * of those below it, unless the position is at one of them: every change topic holds the fence of this one by then.
   */
  load(
    partition: number,
    epoch: number,
    districtId: string,
    entityType: EntityType,
    entries: readonly { readonly gg4lId: string; readonly entry: IndexEntry }[],
    options: { readonly first: boolean; readonly digest: Digest },
  ): Promise<void>;
  /**
   * Sets the position of a fresh epoch; false (and nothing written) if the index holds this epoch or a higher one, or
   * if any of the loaded keys differ in size or digest from `expected`.
   */
  install(partition: number, position: Position, expected: readonly LoadedType[]): Promise<boolean>;
  /** Takes the position away, if it still is `expected`, so that nobody goes on from it. */
  retire(partition: number, expected: Position): Promise<void>;
  /**
   * Removes keys of epochs below `epoch`, a bounded number at a time, and only while the position is at this epoch or
   * a higher one; false when nothing is left.
   */
  forgetEpochs(partition: number, epoch: number): Promise<boolean>;
}

export interface PlacedMessage {
  readonly offset: bigint;
  /** Null: could not be decoded and is in the dead letters. */
  readonly message: RawMessage | null;
}

/** A message of a change topic as a rebuild needs it. */
export type LoggedChange =
  | {
      readonly kind: 'change';
      readonly offset: bigint;
      readonly districtId: string;
      readonly gg4lId: string;
      readonly verb: ChangeVerb;
      readonly generation: number;
      readonly epoch: number;
      /** 16 bytes. */
      readonly fingerprint: Buffer;
      /** 8 bytes. */
      readonly schoolHash: Buffer;
      /** Of the record in it; empty of an archive. */
      readonly digests: Buffer;
      /** Of an archive: when the record was archived, in ms since 1970; 0 if the event does not say. */
      readonly archivedAtMs: number;
    }
  | {
      readonly kind: 'fence';
      readonly offset: bigint;
      readonly epoch: number;
      readonly author: string;
    }
  | {
      readonly kind: 'watermark';
      readonly offset: bigint;
      readonly districtId: string;
      readonly generation: number;
      readonly epoch: number;
    }
  | {
      /** The record is gone for good. */
      readonly kind: 'tombstone';
      readonly offset: bigint;
      readonly districtId: string;
      readonly entityType: EntityType;
      readonly gg4lId: string;
    }
  | { readonly kind: 'unreadable'; readonly offset: bigint };

export interface Logs {
  /** Messages of the raw partition in [from, to), in batches; throws if `from` is below the log's start. */
  readRaw(partition: number, from: bigint, to: bigint): AsyncIterable<readonly PlacedMessage[]>;
  rawEnds(partition: number): Promise<{ readonly start: bigint; readonly end: bigint }>;
  changeEnds(
    partition: number,
    entityType: EntityType,
  ): Promise<{ readonly start: bigint; readonly end: bigint }>;
  /** Messages of a change topic's partition in [from, to), in batches; below the log's start it begins at the start. */
  readChanges(
    partition: number,
    entityType: EntityType,
    from: bigint,
    to: bigint,
  ): AsyncIterable<readonly LoggedChange[]>;
  /** Appends the raw fence; returns its offset. */
  fenceRaw(partition: number, epoch: number, author: string): Promise<bigint>;
  /**
   * Appends the fence to one change topic, once at most; returns its offset, or null if nobody knows whether it is
   * there, or still will be.
   */
  fenceChange(
    partition: number,
    entityType: EntityType,
    epoch: number,
    author: string,
  ): Promise<bigint | null>;
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
  /** What an operator would want to read in the log. */
  readonly note?: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** What a step led to: go on at `next`, read again, or return to `offset` in another turn. */
export type Outcome =
  | { readonly kind: 'advanced'; readonly next: bigint }
  | { readonly kind: 'refused' }
  | { readonly kind: 'return'; readonly offset: bigint };
