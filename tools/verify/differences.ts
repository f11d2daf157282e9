/* What differs between what the topic tells of a record and what a row, or an index entry, holds of it. */
import type { EntityType } from '#contracts';
import type { RowVersion } from '../../apps/persister/src/roster-store/row-reader.js';
import type { Told } from './topic-fold.js';

export type Copy = 'table' | 'index';

export interface Difference {
  readonly copy: Copy;
  readonly entityType: EntityType;
  readonly partition: number;
  readonly districtId: string;
  readonly gg4lId: string;
  /** `missing`, `too many`, or names of what differs. */
  readonly what: string;
  /** Of a row: the one that differs; left out where there is none. */
  readonly version?: RowVersion;
}

export interface Held {
  readonly version?: RowVersion;
  readonly generation: number;
  readonly active: boolean;
  /** Hex. */
  readonly fingerprint: string;
  /** Of what the columns say, in hex; null where they cannot tell. */
  readonly computed?: string | null;
  /** It says of itself that it lies in another partition than its id leads to. */
  readonly misplaced?: boolean;
}

/** Null if nothing differs. */
export function differenceOf(told: Told | null, held: Held | null): string | null {
  if (told === null) return held === null ? null : 'too many';
  if (held === null) return 'missing';
  const differing = [
    ...(held.generation === told.generation ? [] : ['generation']),
    ...(held.active === told.active ? [] : ['status']),
    ...(held.fingerprint === told.fingerprint ? [] : ['fingerprint']),
    ...(typeof held.computed === 'string' && held.computed !== told.fingerprint ? ['contents'] : []),
    ...(held.misplaced === true ? ['partition'] : []),
  ];
  return differing.length === 0 ? null : differing.join(', ');
}
