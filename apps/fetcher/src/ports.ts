import type { DeadLetterFields, EntityType, RawMessage, Report } from '#contracts';
import type { ConfirmingLedger, ReadingLedger } from '#ledger';
import type { CollectionPart, DistrictSource, Quirks } from '#school-passport';

/** What a snapshot is read through: everything outside, decoded, so that it can also run in memory. */
export interface Ports {
  readonly ledger: Ledger;
  readonly log: RawLog;
  readonly source: Source;
  readonly clock: Clock;
}

/** A false answer means that the lease or the run is lost: stop at once. */
export type Ledger = Pick<
  ReadingLedger,
  'claim' | 'renew' | 'finish' | 'fail' | 'lastReferences' | 'knownVersions' | 'erased'
>;

/** What asking for single records needs. */
export interface ConfirmPorts {
  readonly ledger: Pick<ConfirmingLedger, 'claim' | 'renew' | 'finish' | 'fail' | 'erased'>;
  readonly source: Pick<Source, 'find' | 'readOne'>;
  readonly clock: Clock;
}

export interface Placed {
  readonly partition: number;
  readonly message: RawMessage;
}

/** Each resolves when Kafka has acknowledged everything. */
export interface RawLog {
  append(messages: readonly Placed[]): Promise<void>;
  report(report: Report): Promise<void>;
  deadLetters(letters: readonly DeadLetterFields[]): Promise<void>;
}

export interface Source {
  /** `null`: the source does not (or no longer) name the district. */
  find(districtId: string): Promise<DistrictSource | null>;
  /** However it ends, `noticed` has then gained what the source needed. */
  pages(
    source: DistrictSource,
    type: EntityType,
    signal: AbortSignal,
    noticed: Quirks,
  ): AsyncIterable<CollectionPart>;
  /** One record as the source has it now. Throws only what ends the whole conversation. */
  readOne(
    source: DistrictSource,
    type: EntityType,
    gg4lId: string,
    signal: AbortSignal,
  ): Promise<SingleAnswer>;
}

export type SingleAnswer =
  | { readonly kind: 'record'; readonly row: unknown }
  | { readonly kind: 'gone' }
  /** An answer that does not say whether the record is there, or a source that has no single records. */
  | { readonly kind: 'silent'; readonly why: string }
  /** Nothing came, however often it was asked. */
  | { readonly kind: 'no-answer'; readonly why: string };

export interface Clock {
  /** Milliseconds that only ever grow, also while the process is stopped. */
  elapsedMs(): number;
  /** RFC 3339. */
  timestamp(): string;
  /** Rejects if the signal fires first. */
  delay(ms: number, signal: AbortSignal): Promise<void>;
}
