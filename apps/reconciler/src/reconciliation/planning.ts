/*
 * RECORDS while planning: every id is marked and counted once, and classified against the index; nothing else changes.
 * A quarantined record counts as seen and is otherwise ignored: what was known of it stays.
 */
import {
  recordHash,
  watermarkTerm,
  XorSum,
  type EntityType,
  type PerType,
  type RawRecord,
  type RecordsMessage,
} from '#contracts';
import { classify, type Classification } from './classify.js';
import type {
  DistrictWrites,
  GroupView,
  IdGroup,
  IndexView,
  Marks,
  SnapshotState,
  TypeTally,
} from './index-state.js';
import type { PlacedMessage } from './ports.js';
import { tallyOf } from './tally.js';

interface PlacedRecord {
  readonly record: RawRecord;
  readonly offset: bigint;
}

/** Records of one district, type and generation in a segment. */
export interface RecordGroup extends IdGroup {
  readonly records: readonly PlacedRecord[];
}

export function groupRecords(messages: readonly PlacedMessage[]): readonly RecordGroup[] {
  const groups = new Map<string, RecordGroup & { records: PlacedRecord[]; gg4lIds: string[] }>();
  for (const { offset, message } of messages) {
    if (message?.kind !== 'records') continue;
    const { districtId, entityType, generation } = message;
    const key = `${districtId}/${entityType}/${generation}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = { districtId, entityType, generation, gg4lIds: [], records: [] };
      groups.set(key, group);
    }
    addRecords(group, offset, message);
  }
  return [...groups.values()];
}

function addRecords(
  group: { gg4lIds: string[]; records: PlacedRecord[] },
  offset: bigint,
  message: RecordsMessage,
): void {
  for (const record of message.records) {
    group.gg4lIds.push(record.gg4lId);
    group.records.push({ record, offset });
  }
}

/** What a RECORDS segment writes. Groups of another generation than the current one, or after END, write nothing. */
export function planRecords(
  groups: readonly RecordGroup[],
  view: IndexView,
  from: bigint,
): readonly DistrictWrites[] {
  const byDistrict = new Map<
    string,
    { snapshot: SnapshotState; types: Map<EntityType, TypeTally>; marks: Marks[] }
  >();
  groups.forEach((group, at) => {
    const snapshot = view.districts.get(group.districtId)?.snapshot;
    const groupView = view.groups[at];
    if (!snapshot || groupView === undefined) return;
    if (snapshot.generation !== group.generation || snapshot.phase !== 'reading') return;
    let writes = byDistrict.get(group.districtId);
    if (writes === undefined) {
      writes = { snapshot, types: new Map(), marks: [] };
      byDistrict.set(group.districtId, writes);
    }
    const tally = { ...(writes.types.get(group.entityType) ?? tallyOf(snapshot, group.entityType)) };
    const isRefreshed = snapshot.refresh.includes(group.entityType);
    writes.marks.push(markGroup(group, groupView, from, tally, isRefreshed));
    writes.types.set(group.entityType, tally);
  });
  return [...byDistrict].map(([districtId, { snapshot, types, marks }]) => ({
    districtId,
    snapshot: {
      ...snapshot,
      types: { ...snapshot.types, ...(Object.fromEntries(types) as PerType<TypeTally>) },
    },
    marks: { generation: snapshot.generation, types: marks },
  }));
}

/** The four xors of a tally while a group is counted; as text they would be read and written for every record. */
class TallyXors {
  readonly #ids: XorSum;
  readonly #created: XorSum;
  readonly #updated: XorSum;
  readonly #restored: XorSum;

  constructor(tally: Readonly<TypeTally>) {
    this.#ids = new XorSum(tally.idsXor);
    this.#created = new XorSum(tally.createdXor);
    this.#updated = new XorSum(tally.updatedXor);
    this.#restored = new XorSum(tally.restoredXor);
  }

  addId(hash: Buffer): void {
    this.#ids.add(hash);
  }

  addChange(verb: Exclude<Classification, 'unchanged'>, record: RawRecord, hash: Buffer): void {
    switch (verb) {
      case 'created':
        return this.#created.add(watermarkTerm(record.gg4lId, record.fingerprint));
      case 'updated':
        return this.#updated.add(watermarkTerm(record.gg4lId, record.fingerprint));
      case 'restored':
        return this.#restored.add(hash);
      case 'refreshed':
        return;
    }
  }

  writeTo(tally: TypeTally): void {
    tally.idsXor = this.#ids.hex;
    tally.createdXor = this.#created.hex;
    tally.updatedXor = this.#updated.hex;
    tally.restoredXor = this.#restored.hex;
  }
}

function markGroup(
  group: RecordGroup,
  view: GroupView,
  from: bigint,
  tally: TypeTally,
  isRefreshed: boolean,
): Marks {
  const seen: string[] = [];
  const withdrawn: string[] = [];
  const marked = new Set<string>();
  const xors = new TallyXors(tally);
  group.records.forEach(({ record, offset }, at) => {
    const { gg4lId } = record;
    if (offset < from || view.marked[at] !== null || marked.has(gg4lId)) return;
    marked.add(gg4lId);
    const hash = recordHash(group.districtId, group.entityType, gg4lId);
    xors.addId(hash);
    if (record.withdrawn && !record.quarantined) {
      withdrawn.push(gg4lId);
      tally.withdrawn += 1;
      return;
    }
    seen.push(gg4lId);
    tally.seen += 1;
    if (record.quarantined) {
      tally.quarantined += 1;
      return;
    }
    const verb = classify(view.entries[at] ?? null, record.fingerprint, isRefreshed);
    tally[verb] += 1;
    if (verb === 'unchanged') return;
    xors.addChange(verb, record, hash);
    noteChangedAt(tally, offset);
  });
  xors.writeTo(tally);
  return { entityType: group.entityType, seen, withdrawn };
}

function noteChangedAt(tally: TypeTally, offset: bigint): void {
  const at = String(offset);
  if (tally.firstChanged === '') tally.firstChanged = at;
  tally.lastChanged = at;
}
