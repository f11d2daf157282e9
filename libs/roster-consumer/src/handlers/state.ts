/* What the kit keeps for a consumer that has handlers only: what was applied of each id, fences, watermarks passed. */
import type { EntityType } from '#contracts';
import type { FenceAt, RowsDigest, Standing } from '../following/ports.js';
import type { PassedLine, Progress } from '../progress/progress.js';

export interface RecordKey {
  readonly districtId: string;
  readonly gg4lId: string;
}

export interface KeptRecord extends RecordKey {
  readonly generation: number;
  /** Of the event that brought the generation. */
  readonly offset: bigint;
  /** In hex. */
  readonly fingerprint: string;
  readonly active: boolean;
}

/** Over memory or a file (both here), or whatever a consumer has: each call is one row operation on any database. */
export interface ConsumerState extends Progress {
  standing(entityType: EntityType, partition: number): Promise<Standing>;
  /** One answer for each key, in their order. */
  find(
    entityType: EntityType,
    partition: number,
    keys: readonly RecordKey[],
  ): Promise<readonly (KeptRecord | undefined)[]>;
  /** All of it or nothing. `forgotten`: of these nothing is known any more. */
  keep(
    entityType: EntityType,
    partition: number,
    records: readonly KeptRecord[],
    fences: readonly FenceAt[],
    forgotten: readonly RecordKey[],
  ): Promise<void>;
  digest(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest>;
  /** Of this district, type and partition no record is known any more; fences stay. */
  forget(districtId: string, entityType: EntityType, partition: number): Promise<void>;
}

/** A call that changes a state, as it can be written down and made again. */
export type StateCall =
  | {
      readonly call: 'keep';
      readonly entityType: EntityType;
      readonly partition: number;
      readonly records: readonly KeptRecord[];
      readonly fences: readonly FenceAt[];
      /** Absent in what was written down before there were any. */
      readonly forgotten?: readonly RecordKey[];
    }
  | {
      readonly call: 'forget';
      readonly districtId: string;
      readonly entityType: EntityType;
      readonly partition: number;
    }
  | { readonly call: 'pass'; readonly lines: readonly PassedLine[] };
