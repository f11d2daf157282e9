/*
 * What the step loop of a consumer needs of the outside, decoded: its copy of the roster, whom it tells what it found,
 * the ends of its log, a clock. The persister, the consumer kit and the simulation run the same loop over these.
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

/** A consumer's copy of the roster. The persister's is schema `roster` in Postgres, the simulation's is in memory. */
export interface RosterStore {
  standing(entityType: EntityType, partition: number): Promise<Standing>;
  /**
   * One transaction: the fences; then what is forgotten, each only where the row came from a lower offset; then
   * records, then archives, each only where its generation is above the stored one. Gives the number of rows written.
   * Throws RefusedRowsError (and writes nothing) if the contents of a row cannot be stored; anything else is transient.
   * A store that takes seconds sends heartbeats through `turn`, and may leave off (TurnOverError) when that is over.
   */
  write(
    entityType: EntityType,
    partition: number,
    changes: FoldedChanges,
    fences: readonly FenceAt[],
    turn?: Turn,
  ): Promise<number>;
  /** Districts with a shadow among the events: the row of its id came from a lower offset, and the event is fenced or of a lower generation. Without it shadows are not looked for. */
  shadowed?(
    entityType: EntityType,
    events: readonly OvertakenEvent[],
    partition: number,
  ): Promise<readonly string[]>;
  /** Without it watermarks are not compared. */
  digest?(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest>;
}

export type CopyReport = ReportOf<'passed'> | ReportOf<'drift'> | ReportOf<'shadow'>;

/** A watermark that is reported as passed, and where it lies. */
export interface PassedWatermark extends Omit<ReportOf<'passed'>, 'kind'> {
  readonly offset: bigint;
}

/** What the loop says to others; resolves when it is acknowledged. */
export interface Outlet {
  /** `passed`: the watermarks of which reports say so, in their order. */
  report(reports: readonly CopyReport[], passed: readonly PassedWatermark[]): Promise<void>;
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

/** So many dead letters among the last thousand messages of a partition are too many: something else is wrong. */
export interface DeadLetterLimit {
  /** Above this share of the messages, 0 to 1 … */
  readonly ratio: number;
  /** … and above this number. */
  readonly floor: number;
}

export interface LoopPorts {
  readonly store: RosterStore;
  readonly outlet: Outlet;
  readonly clock: Clock;
  /** Called at named points; kills the process where a test asked for it. */
  readonly failpoint: (name: string) => void;
  /** First offset of the place's log, and the offset behind its last message. */
  readonly ends: () => Promise<{ readonly start: bigint; readonly end: bigint }>;
  /** A step takes about so long at most; without it, as long as a thousand messages take. */
  readonly stepMs?: number;
  /** Named in dead letters. */
  readonly service?: string;
  readonly deadLetterLimit?: DeadLetterLimit;
}

/** The copy cannot hold what some row of the write says, however often it is tried: the row becomes a dead letter. */
export class RefusedRowsError extends Error {
  override readonly name = 'RefusedRowsError';
}

/** The turn was over before all of it was written: what was written stays, and the same messages come again. */
export class TurnOverError extends Error {
  override readonly name = 'TurnOverError';
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

/** Dead letters beyond the limit; none of the step's was sent, and nothing of it committed. */
export class TooManyDeadLettersError extends PlaceStoppedError {
  constructor(place: Place, dead: number, messages: number, reason: string) {
    super(
      place,
      `${dead} of the last ${messages} messages would become dead letters, the last because: ${reason}. ` +
        'See whether the messages or their reader are wrong; raise the limit if they are to be passed over',
    );
  }
}
