/* What the index of GG4L IDs holds of a partition, and what one call to it reads or changes. */
import type { EntityType, PerType, ReportOf } from '#contracts';

export type Mode = 'follow' | 'apply' | 'sweep' | 'close';

/** Where a partition stands. `next`: raw offset to handle next; `applyNext`: raw offset in mode apply, type in mode sweep. */
export interface Position {
  readonly epoch: number;
  readonly mode: Mode;
  readonly next: bigint;
  readonly applyNext: string;
  /** Offset and author of its epoch's fence in the raw log: a log that was made anew does not hold it. */
  readonly fencedAt: bigint;
  readonly fencedBy: string;
}

export interface IndexEntry {
  /** 16 bytes. */
  readonly fingerprint: Buffer;
  readonly status: 'active' | 'archived';
  /** Generation of its last change. */
  readonly generation: number;
  /** 8 bytes. */
  readonly schoolHash: Buffer;
  /** Of its attributes, as `libs/oneroster` makes them; empty if they are not known. */
  readonly digests: Buffer;
  /** While archived: opening time of the run that archived it, in ms since 1970. 0 if active, or if it is not known. */
  readonly archivedAtMs: number;
}

export type Phase = 'reading' | 'planned' | 'failed' | 'applied' | 'swept' | 'aborted';

/** Counts of one type in the current snapshot; offsets are raw offsets in decimal, '' if nothing changed. */
export interface TypeTally {
  seen: number;
  withdrawn: number;
  quarantined: number;
  unchanged: number;
  /** Unchanged ones of a type that BEGIN refreshes: they are sent again. */
  refreshed: number;
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

/** How many ids of one type a snapshot has marked. */
export type MarkCounts = Readonly<Pick<TypeTally, 'seen' | 'withdrawn'>>;

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
  /** Districts of which keys were lost: what the digest counts as active is not what is indexed as such. */
  readonly incomplete: readonly string[];
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
  /**
   * Computes the worklists: `stale = active \ seen` of every type, and of those to refresh also every archived id, in
   * `seen` or not: what came quarantined is seen, and its archive must be sent again all the same. Refused unless the
   * snapshot has this generation and phase, and where more ids of a type are active and not in `seen` than `atMost`,
   * which the plan counted (none of a type that is missing).
   */
  readonly startSweep?: {
    readonly generation: number;
    readonly phase: Phase;
    readonly refresh: readonly EntityType[];
    readonly atMost: PerType<number>;
  };
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
  /** The archived entry, and the watermark term (8 bytes) it takes out of the digest if it was active. */
  readonly records: readonly { readonly gg4lId: string; readonly entry: IndexEntry; readonly term: Buffer }[];
}

/** What a rebuild loaded of one type of a district: how many ids, active and archived, and the digest of the active. */
export interface LoadedType {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly ids: number;
  readonly digest: Digest;
}
