/*
 * A partition's share of the plan: what applying this snapshot would do, per type. Stale records are read from the
 * index in chunks, so that a collection that vanished whole takes no memory.
 */
import {
  ENTITY_TYPES,
  recordHash,
  XorSum,
  type EntityType,
  type ReportOf,
  type RunKey,
  type TypePlan,
} from '#contracts';
import type { DistrictView, MarkCounts, SnapshotState } from './index-state.js';
import type { RosterIndex } from './ports.js';
import { tallyOf } from './tally.js';

/** Stale ids named in a plan, of every type but orgs, whose hashes SWEEP needs all; and ids named as absent. */
const NAMED_STALE = 50;

type Place = { readonly partition: number; readonly epoch: number };

export async function plannedReport(
  index: RosterIndex,
  run: RunKey,
  place: Place,
  district: DistrictView,
  snapshot: SnapshotState,
): Promise<ReportOf<'planned'>> {
  const types: Partial<Record<EntityType, TypePlan>> = {};
  for (const entityType of ENTITY_TYPES) {
    const tally = tallyOf(snapshot, entityType);
    const stale = await countStale(index, run, place, entityType, tally);
    types[entityType] = {
      active: district.digests[entityType]?.active ?? 0,
      seen: tally.seen,
      unchanged: tally.unchanged,
      created: tally.created,
      updated: tally.updated,
      restored: tally.restored,
      refreshed: tally.refreshed,
      stale: stale.count,
      withdrawn: tally.withdrawn,
      quarantined: tally.quarantined,
      xor: {
        created: tally.createdXor,
        updated: tally.updatedXor,
        restored: tally.restoredXor,
        stale: stale.xor,
      },
      staleBySchool: stale.bySchool,
      staleIds: stale.ids,
      absent: stale.absent,
    };
  }
  return { kind: 'planned', ...run, ...place, types };
}

interface Stale {
  readonly count: number;
  readonly xor: string;
  readonly bySchool: Readonly<Record<string, number>>;
  readonly ids: string[];
  readonly absent: { readonly count: number; readonly ids: string[] };
}

async function countStale(
  index: RosterIndex,
  { districtId, generation }: RunKey,
  { partition, epoch }: Place,
  entityType: EntityType,
  marked: MarkCounts,
): Promise<Stale> {
  const sum = new XorSum();
  const bySchool: Record<string, number> = {};
  const ids: string[] = [];
  const absent = { count: 0, ids: [] as string[] };
  for await (const chunk of index.unseen(partition, epoch, { districtId, generation, entityType }, marked)) {
    for (const { gg4lId, entry, withdrawn } of chunk) {
      sum.add(recordHash(districtId, entityType, gg4lId));
      const school = entry.schoolHash.toString('hex');
      bySchool[school] = (bySchool[school] ?? 0) + 1;
      if (entityType === 'orgs' || ids.length < NAMED_STALE) ids.push(gg4lId);
      if (withdrawn) continue;
      absent.count += 1;
      if (absent.ids.length < NAMED_STALE) absent.ids.push(gg4lId);
    }
  }
  absent.ids.sort();
  return { count: sum.count, xor: sum.hex, bySchool, ids: ids.sort(), absent };
}
