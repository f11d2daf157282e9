/*
 * Records read again from the log while applying: what is not yet in the index at this generation is emitted, then
 * indexed. Classifying again gives what was planned, because nothing of the district changed since.
 */
import {
  watermarkTerm,
  XorSum,
  type Change,
  type EntityType,
  type PerType,
  type RawRecord,
} from '#contracts';
import { changedAttributes, digestAttributes } from '#oneroster';
import { toTime } from './archive-times.js';
import { classify, type Classification } from './classify.js';
import type {
  Digest,
  DistrictView,
  DistrictWrites,
  EntryChanges,
  GroupView,
  IndexEntry,
  IndexView,
  SnapshotState,
  TypeTally,
} from './index-state.js';
import type { RecordGroup } from './planning.js';
import { tallyOf, ZERO_XOR } from './tally.js';

type Changed = Exclude<Classification, 'unchanged' | 'refreshed'>;

export interface Applied {
  readonly changes: readonly Change[];
  readonly snapshot: SnapshotState;
  readonly writes: DistrictWrites;
}

/** Groups are those of the run being applied. Null where nothing of it is to be applied. */
export function applyRecords(
  groups: readonly RecordGroup[],
  view: IndexView,
  district: DistrictView,
  snapshot: SnapshotState,
  epoch: number,
): Applied | null {
  const changes: Change[] = [];
  const entries: EntryChanges[] = [];
  const digests: Partial<Record<EntityType, Digest>> = {};
  const types: Partial<Record<EntityType, TypeTally>> = {};
  let districtId = '';
  groups.forEach((group, at) => {
    const groupView = view.groups[at];
    if (groupView === undefined) return;
    districtId = group.districtId;
    const before = digests[group.entityType] ??
      district.digests[group.entityType] ?? { active: 0, xor: ZERO_XOR };
    const pass = new ApplyPass(group, snapshot, epoch, new XorSum(before.xor, before.active));
    pass.run(groupView);
    changes.push(...pass.changes);
    entries.push({ entityType: group.entityType, entries: pass.entries });
    digests[group.entityType] = { active: pass.digest.count, xor: pass.digest.hex };
    types[group.entityType] = pass.tally;
  });
  if (changes.length === 0) return null;
  const after = { ...snapshot, types: { ...snapshot.types, ...(types as PerType<TypeTally>) } };
  return {
    changes,
    snapshot: after,
    writes: { districtId, snapshot: after, entries, digests: digests },
  };
}

class ApplyPass {
  readonly changes: Change[] = [];
  readonly entries: { gg4lId: string; entry: IndexEntry }[] = [];
  readonly tally: TypeTally;
  readonly #handled = new Set<string>();

  constructor(
    private readonly group: RecordGroup,
    private readonly snapshot: SnapshotState,
    private readonly epoch: number,
    readonly digest: XorSum,
  ) {
    this.tally = { ...tallyOf(snapshot, group.entityType) };
  }

  run(view: GroupView): void {
    if (this.tally.firstChanged === '') return;
    const first = BigInt(this.tally.firstChanged);
    const last = BigInt(this.tally.lastChanged);
    const isRefreshed = this.snapshot.refresh.includes(this.group.entityType);
    this.group.records.forEach(({ record, offset }, at) => {
      if (offset < first || offset > last || record.withdrawn || record.quarantined) return;
      const entry = view.entries[at] ?? null;
      if (entry?.generation === this.group.generation || this.#handled.has(record.gg4lId)) return;
      this.#handled.add(record.gg4lId);
      const verb = classify(entry, record.fingerprint, isRefreshed);
      if (verb !== 'unchanged') this.#apply(record, entry, verb);
    });
  }

  #apply(record: RawRecord, entry: IndexEntry | null, verb: Changed | 'refreshed'): void {
    const { districtId, entityType, generation } = this.group;
    const { gg4lId, fingerprint, schoolHash, dateLastModified, body } = record;
    const digests = digestAttributes(entityType, body);
    this.changes.push({
      districtId,
      entityType,
      gg4lId,
      verb: verb === 'refreshed' ? 'updated' : verb,
      generation,
      epoch: this.epoch,
      time: this.snapshot.openedAt,
      fingerprint,
      schoolHash,
      dateLastModified,
      body,
      ...(verb === 'refreshed' ? { cause: 'refresh' } : {}),
      ...(verb === 'updated' || verb === 'restored' ? sinceEntry(entityType, entry, digests) : {}),
    });
    const after = {
      fingerprint,
      status: 'active',
      generation,
      schoolHash,
      digests,
      archivedAtMs: 0,
    } as const;
    this.entries.push({ gg4lId, entry: after });
    if (verb !== 'refreshed') this.#count(record, entry, verb);
  }

  #count({ gg4lId, fingerprint }: RawRecord, entry: IndexEntry | null, verb: Changed): void {
    if (verb === 'updated' && entry !== null) this.digest.remove(watermarkTerm(gg4lId, entry.fingerprint));
    this.digest.add(watermarkTerm(gg4lId, fingerprint));
    if (verb === 'created') this.tally.appliedCreated += 1;
    else if (verb === 'updated') this.tally.appliedUpdated += 1;
    else this.tally.appliedRestored += 1;
  }
}

/** What is new against the entry, as far as the entry knows. */
function sinceEntry(
  entityType: EntityType,
  entry: IndexEntry | null,
  digests: Buffer,
): Pick<Change, 'changed' | 'archivedAt'> {
  if (entry === null) return {};
  const changed = changedAttributes(entityType, entry.digests, digests);
  return {
    ...(changed.length === 0 ? {} : { changed }),
    ...(entry.archivedAtMs === 0 ? {} : { archivedAt: toTime(entry.archivedAtMs) }),
  };
}
