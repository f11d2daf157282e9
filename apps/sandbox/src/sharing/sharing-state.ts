import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { PlainRecord } from '../roster/plain-record.js';
import { SCHOOL_PASSPORT, type ServiceKind } from './service-kind.js';

export const STANDINGS = ['connected', 'suspended', 'expired', 'removed'] as const;
/** suspended: data answers 403. expired: token and data answer 401, `expiryDate` is past. removed: not in Discovery. */
export type Standing = (typeof STANDINGS)[number];

/** What was done to one record; several things may have been. */
export interface Edit {
  /** The whole record, of one that the roster does not have or that came back with other values. */
  readonly added?: PlainRecord;
  /** Attributes laid over the record; null takes one away. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Attributes of the answer as they go out, whatever the record says; the truth does not know them. */
  readonly wire?: Readonly<Record<string, unknown>>;
  readonly hidden?: 'removed' | 'unshared' | undefined;
  readonly withdrawn?: boolean;
  readonly modifiedAt: string;
}

/** `percent` of all records (of `types`, or of all) took another value; which ones follows from the change's number. */
export interface PercentChange {
  readonly percent: number;
  readonly types: readonly EntityType[];
  readonly at: string;
}

/** Everything about a district that is not computed from the seed. */
export interface SharingState {
  stamp: string | null;
  standing: Standing;
  credentialRound: number;
  service: ServiceKind;
  readonly unsharedSchools: Set<string>;
  readonly changes: PercentChange[];
  readonly edits: Readonly<Record<EntityType, Map<string, Edit>>>;
}

export const FIRST_STAMP = '2026-08-03T04:00:00.000Z';

export function initialState(): SharingState {
  const edits = Object.fromEntries(ENTITY_TYPES.map((type) => [type, new Map<string, Edit>()]));
  return {
    stamp: FIRST_STAMP,
    standing: 'connected',
    credentialRound: 0,
    service: SCHOOL_PASSPORT,
    unsharedSchools: new Set(),
    changes: [],
    edits: edits as Record<EntityType, Map<string, Edit>>,
  };
}

export interface StoredState extends Pick<SharingState, 'stamp' | 'standing' | 'credentialRound'> {
  /** Absent of a folder from before there was a choice. */
  readonly service?: ServiceKind;
  readonly unsharedSchools: readonly string[];
  readonly changes: readonly PercentChange[];
  readonly edits: Readonly<Partial<Record<EntityType, readonly (readonly [string, Edit])[]>>>;
}

export function toStored(state: SharingState): StoredState {
  const edits = ENTITY_TYPES.map((type) => [type, [...state.edits[type]]]);
  return {
    ...state,
    unsharedSchools: [...state.unsharedSchools],
    edits: Object.fromEntries(edits) as StoredState['edits'],
  };
}

export function fromStored(stored: StoredState): SharingState {
  const state = initialState();
  const { stamp, standing, credentialRound, service = SCHOOL_PASSPORT } = stored;
  Object.assign(state, { stamp, standing, credentialRound, service });
  for (const school of stored.unsharedSchools) state.unsharedSchools.add(school);
  state.changes.push(...stored.changes);
  for (const type of ENTITY_TYPES) {
    for (const [id, edit] of stored.edits[type] ?? []) state.edits[type].set(id, edit);
  }
  return state;
}
