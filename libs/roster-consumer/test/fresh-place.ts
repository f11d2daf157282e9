import type { EntityType } from '#contracts';
import type { RowsDigest } from '../src/following/ports.js';
import type { SampleChange } from './sample-changes.js';

/** A partition and a district that no other case of a store's contract has used. */
export interface FreshPlace {
  readonly district: string;
  readonly partition: number;
  readonly type: EntityType;
  readonly write: (offset: number, changes: readonly SampleChange[]) => Promise<number>;
  readonly created: (id: string, generation: number) => SampleChange;
  readonly archived: (id: string, generation: number) => SampleChange;
  readonly digest: () => Promise<RowsDigest>;
  readonly shadowed: (
    id: string,
    offset: number,
    generation: number,
    fenced?: boolean,
    of?: string,
  ) => Promise<readonly string[]>;
}
