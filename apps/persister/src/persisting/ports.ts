/*
 * What the persister's step loop needs of the outside, decoded: the rows (Postgres), what it says to others (Kafka),
 * the ends of its log, a clock. The service and the simulation run the same loop over two implementations of these.
 */
import type { DeadLetterFields, EntityType, ReportOf } from '#contracts';
import type { FoldedChanges } from './fold-changes.js';

/** The partition of a change topic that a loop reads. */
export interface Place {
  readonly topic: string;
  readonly entityType: EntityType;
  readonly partition: number;
}

export interface FenceAt {
  readonly epoch: number;
  /** Of the first fence of this epoch in the log. */
  readonly offset: bigint;
}

/** What the store knows of a partition of a change topic. */
export interface Standing {
  /** By epoch. */
  readonly fences: readonly FenceAt[];
  /** The highest offset of fences and of writes that changed a row; null if there was none. */
  readonly highestOffset: bigint | null;
}

/** An event as it may have been overtaken. */
export interface OvertakenEvent {
  readonly districtId: string;
  readonly gg4lId: string;
  readonly offset: bigint;
  readonly generation: number;
  readonly fenced: boolean;
}

/** Of the active rows of one district, type and partition: how many, and the xor of their watermark terms in hex. */
export interface RowsDigest {
  readonly active: number;
  readonly xor: string;
  /** The highest generation of any row, archived ones too; 0 if there is none. */
  readonly highestGeneration: number;
}

/** The rows. In production schema `roster` in Postgres, in simulations memory. */
export interface RosterStore {
  standing(entityType: EntityType, partition: number): Promise<Standing>;
  /**
   * One transaction: the fences, then records, then archives, each only where its generation is above the stored one.
   * Gives the number of rows written. Throws RefusedRowsError (and writes nothing) if the contents of a row cannot be
   * stored; anything else is transient.
   */
  write(
    entityType: EntityType,
    partition: number,
    changes: FoldedChanges,
    fences: readonly FenceAt[],
  ): Promise<number>;
  /** Districts with a shadow among the events: the row of its id came from a lower offset, and the event is fenced or of a lower generation. */
  shadowed(entityType: EntityType, events: readonly OvertakenEvent[]): Promise<readonly string[]>;
  digest(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest>;
}

export type PersisterReport = ReportOf<'passed'> | ReportOf<'drift'> | ReportOf<'shadow'>;

/** What the persister says to others; resolves when it is acknowledged. */
export interface Outlet {
  report(reports: readonly PersisterReport[]): Promise<void>;
  deadLetter(letters: readonly DeadLetterFields[]): Promise<void>;
}

export interface Clock {
  /** Milliseconds since 1970. */
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
  readonly store: RosterStore;
  readonly outlet: Outlet;
  readonly clock: Clock;
  /** Called at named points; kills the process where a test asked for it. */
  readonly failpoint: (name: string) => void;
  /** First offset of the place's log, and the offset behind its last message. */
  readonly ends: () => Promise<{ readonly start: bigint; readonly end: bigint }>;
}

/** The store cannot hold what some row of the statement says, however often it is tried. */
export class RefusedRowsError extends Error {
  override readonly name = 'RefusedRowsError';
}

/** Nothing right can follow from what was found: the place waits for somebody to look. */
export class PlaceStoppedError extends Error {
  override readonly name = 'PlaceStoppedError';
  constructor(
    place: Place,
    readonly reason: string,
  ) {
    super(`${place.topic}[${place.partition}] is stopped: ${reason}`);
  }
}
