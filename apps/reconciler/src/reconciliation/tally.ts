import {
  ENTITY_TYPES,
  type EntityType,
  type IdTally,
  type PerType,
  type ReportOf,
  type RunKey,
} from '#contracts';
import type { DistrictView, SnapshotState, TypeTally } from './index-state.js';

export const ZERO_XOR = '0000000000000000';

const EMPTY: Readonly<TypeTally> = {
  seen: 0,
  withdrawn: 0,
  quarantined: 0,
  unchanged: 0,
  refreshed: 0,
  created: 0,
  updated: 0,
  restored: 0,
  idsXor: ZERO_XOR,
  createdXor: ZERO_XOR,
  updatedXor: ZERO_XOR,
  restoredXor: ZERO_XOR,
  firstChanged: '',
  lastChanged: '',
  appliedCreated: 0,
  appliedUpdated: 0,
  appliedRestored: 0,
};

export function tallyOf(snapshot: SnapshotState, entityType: EntityType): Readonly<TypeTally> {
  return snapshot.types[entityType] ?? EMPTY;
}

/** Whether the records counted are those the fetcher says it sent; else the sentence that says how not. */
export function mismatch(snapshot: SnapshotState, sent: PerType<IdTally>): string | null {
  for (const entityType of ENTITY_TYPES) {
    const tally = tallyOf(snapshot, entityType);
    const count = tally.seen + tally.withdrawn;
    const expected = sent[entityType] ?? { count: 0, xor: ZERO_XOR };
    if (count !== expected.count) return `${entityType}: ${count} records arrived of ${expected.count} sent`;
    if (tally.idsXor !== expected.xor) return `${entityType}: other records arrived than were sent`;
  }
  return null;
}

/** Raw offsets [first, last] that hold what is to be applied, over all types; null if nothing is. */
export function changedRange(snapshot: SnapshotState): { first: bigint; last: bigint } | null {
  let range: { first: bigint; last: bigint } | null = null;
  for (const tally of Object.values(snapshot.types)) {
    if (tally.firstChanged === '') continue;
    const first = BigInt(tally.firstChanged);
    const last = BigInt(tally.lastChanged);
    range = {
      first: range === null || first < range.first ? first : range.first,
      last: range === null || last > range.last ? last : range.last,
    };
  }
  return range;
}

/** Whether as much was applied of each type as the plan counted. */
export function isAppliedAsPlanned({ types }: SnapshotState): boolean {
  return Object.values(types).every(
    ({ created, updated, restored, appliedCreated, appliedUpdated, appliedRestored }) =>
      created + updated + restored === appliedCreated + appliedUpdated + appliedRestored,
  );
}

type Place = { readonly partition: number; readonly epoch: number };

export function appliedReport(run: RunKey, place: Place, snapshot: SnapshotState): ReportOf<'applied'> {
  const types: Partial<Record<EntityType, { created: number; updated: number; restored: number }>> = {};
  for (const entityType of ENTITY_TYPES) {
    const tally = snapshot.types[entityType];
    if (tally === undefined) continue;
    types[entityType] = {
      created: tally.appliedCreated,
      updated: tally.appliedUpdated,
      restored: tally.appliedRestored,
    };
  }
  return { kind: 'applied', ...run, ...place, types };
}

export function sweptReport(run: RunKey, place: Place, view: DistrictView): ReportOf<'swept'> {
  const types: Partial<Record<EntityType, { archived: number }>> = {};
  for (const entityType of ENTITY_TYPES) types[entityType] = { archived: view.archived[entityType] ?? 0 };
  return { kind: 'swept', ...run, ...place, types };
}
