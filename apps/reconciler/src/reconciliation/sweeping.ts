import {
  ENTITY_TYPES,
  watermarkTerm,
  type Change,
  type ChangeCause,
  type EntityType,
  type PerType,
  type SweepMarker,
  type TypePlan,
  type WatermarkFields,
} from '#contracts';
import type { ArchiveChunk, DistrictView, IndexEntry, SnapshotState, StaleRecord } from './index-state.js';
import { toMs, toTime } from './archive-times.js';
import { ZERO_XOR } from './tally.js';

/** Children are archived before their parents. */
export const SWEEP_ORDER: readonly EntityType[] = [...ENTITY_TYPES].reverse();

/** The type swept after this one; null behind the last. */
export function nextSwept(entityType: EntityType): EntityType | null {
  return SWEEP_ORDER[SWEEP_ORDER.indexOf(entityType) + 1] ?? null;
}

/** How many records of each type the plan said that the sweep would archive. */
export function plannedStale({ reports }: DistrictView): PerType<number> {
  const types: PerType<TypePlan> | undefined = reports.planned?.types;
  return Object.fromEntries(ENTITY_TYPES.map((entityType) => [entityType, types?.[entityType]?.stale ?? 0]));
}

/** Whether as many of each type were archived as the plan counted. */
export function isSweptAsPlanned(district: DistrictView): boolean {
  const stale = plannedStale(district);
  return ENTITY_TYPES.every((entityType) => (district.archived[entityType] ?? 0) === stale[entityType]);
}

/** Of a type to refresh, the worklist also holds what is archived: it is sent again as it is. */
function causeOf(stale: StaleRecord, staleOrgs: ReadonlySet<string>): ChangeCause {
  if (stale.entry.status === 'archived') return 'refresh';
  if (stale.withdrawn) return 'withdrawn';
  return staleOrgs.has(stale.entry.schoolHash.toString('hex')) ? 'school-unshared' : 'absent';
}

/** The events of one chunk of a worklist, and the call that archives it. */
export function archiveRecords(
  marker: SweepMarker,
  entityType: EntityType,
  snapshot: SnapshotState,
  epoch: number,
  records: readonly StaleRecord[],
): { readonly changes: readonly Change[]; readonly chunk: ArchiveChunk } {
  const { districtId, generation } = marker;
  const staleOrgs = new Set(marker.orgs);
  const changes = records.map((stale): Change => ({
    districtId,
    entityType,
    gg4lId: stale.gg4lId,
    verb: 'archived',
    generation,
    epoch,
    time: snapshot.openedAt,
    fingerprint: stale.entry.fingerprint,
    schoolHash: stale.entry.schoolHash,
    cause: causeOf(stale, staleOrgs),
    ...(stale.entry.archivedAtMs === 0 ? {} : { archivedAt: toTime(stale.entry.archivedAtMs) }),
  }));
  const now = toMs(snapshot.openedAt);
  const archived = records.map(({ gg4lId, entry }) => {
    const archivedAtMs = entry.status === 'archived' ? entry.archivedAtMs : now;
    const after: IndexEntry = { ...entry, status: 'archived', generation, archivedAtMs };
    return { gg4lId, entry: after, term: watermarkTerm(gg4lId, entry.fingerprint) };
  });
  return { changes, chunk: { districtId, entityType, generation, records: archived } };
}

/** The lines under a generation: one watermark per type, with the digest of what is active. */
export function watermarksOf(
  marker: SweepMarker,
  partition: number,
  epoch: number,
  district: DistrictView,
  openedAt: string,
): readonly WatermarkFields[] {
  const { districtId, generation } = marker;
  return ENTITY_TYPES.map((entityType) => {
    const { active, xor } = district.digests[entityType] ?? { active: 0, xor: ZERO_XOR };
    return { districtId, entityType, partition, generation, epoch, time: openedAt, active, xor };
  });
}
