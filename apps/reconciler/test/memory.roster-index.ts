/* The index of GG4L IDs in memory, with the promises of the one in Redis, for the simulation and its specs. */
import { ENTITY_TYPES, XorSum, type EntityType } from '#contracts';
import type {
  ArchiveChunk,
  Digest,
  DistrictView,
  DistrictWrites,
  GroupView,
  IdGroup,
  IndexEntry,
  IndexView,
  KeptReports,
  Position,
  RosterIndex,
  SnapshotState,
  StaleRecord,
} from '../src/reconciliation/ports.js';

type Group = Omit<IdGroup, 'gg4lIds'>;

interface DistrictState {
  snapshot: SnapshotState | null;
  reports: KeptReports;
  digests: Partial<Record<EntityType, Digest>>;
  archived: Partial<Record<EntityType, number>>;
}

export interface RosterIndexCopy {
  readonly positions: Map<number, Position>;
  readonly sets: Map<string, Set<string>>;
  readonly entries: Map<string, Map<string, IndexEntry>>;
  readonly districts: Map<string, DistrictState>;
}

const UNSEEN_CHUNK = 2_000;

export class MemoryRosterIndex implements RosterIndex {
  #kept: RosterIndexCopy = {
    positions: new Map(),
    sets: new Map(),
    entries: new Map(),
    districts: new Map(),
  };

  /** What a Redis file saved now would hold. */
  copy(): RosterIndexCopy {
    return copyOf(this.#kept);
  }

  /** Rolls back to a copy. */
  restore(copy: RosterIndexCopy): void {
    this.#kept = copyOf(copy);
  }

  /** Loses everything. */
  flush(): void {
    this.#kept = { positions: new Map(), sets: new Map(), entries: new Map(), districts: new Map() };
  }

  async read(
    partition: number,
    districtIds: readonly string[],
    groups: readonly IdGroup[],
  ): Promise<IndexView> {
    const position = this.#kept.positions.get(partition);
    if (position === undefined) return { position: null, districts: new Map(), groups: [] };
    const views = districtIds.map((districtId): [string, DistrictView] => [
      districtId,
      structuredClone(this.#district(partition, position.epoch, districtId)),
    ]);
    return {
      position,
      districts: new Map(views),
      groups: groups.map((group) => this.#view(partition, position.epoch, group)),
    };
  }

  async write(
    partition: number,
    expected: Position,
    next: Position,
    districts: readonly DistrictWrites[],
  ): Promise<boolean> {
    if (next.epoch !== expected.epoch)
      throw new RangeError('A write stays in its epoch; install() begins one.');
    const { epoch } = expected;
    if (!this.#holds(partition, expected)) return false;
    if (!districts.every((writes) => this.#allows(partition, epoch, writes))) return false;
    this.#kept.positions.set(partition, { ...next });
    for (const writes of districts) this.#forget(partition, epoch, writes);
    for (const writes of districts) this.#apply(partition, epoch, writes);
    return true;
  }

  async *unseen(partition: number, epoch: number, group: Group): AsyncGenerator<StaleRecord[]> {
    const seen = this.#set('seen', partition, epoch, group);
    const rest = [...this.#active(partition, epoch, group)].filter((id) => !seen.has(id));
    for (let i = 0; i < rest.length; i += UNSEEN_CHUNK) {
      yield this.#records(partition, epoch, group, rest.slice(i, i + UNSEEN_CHUNK));
    }
  }

  async stale(partition: number, epoch: number, group: Group, limit: number): Promise<StaleRecord[]> {
    const ids = [...this.#set('stale', partition, epoch, group)].slice(0, limit);
    return this.#records(partition, epoch, group, ids);
  }

  async archive(partition: number, expected: Position, chunk: ArchiveChunk): Promise<number | null> {
    if (!this.#holds(partition, expected)) return null;
    const { epoch } = expected;
    const stale = this.#set('stale', partition, epoch, chunk);
    const district = this.#district(partition, epoch, chunk.districtId);
    const before = district.digests[chunk.entityType] ?? { active: 0, xor: '0000000000000000' };
    const sum = new XorSum(before.xor, before.active);
    const archived = chunk.records.filter(({ gg4lId }) => stale.delete(gg4lId));
    for (const { gg4lId, entry, term } of archived) {
      this.#entries(partition, epoch, chunk).set(gg4lId, entry);
      this.#active(partition, epoch, chunk).delete(gg4lId);
      sum.remove(term);
    }
    if (archived.length > 0) {
      district.digests[chunk.entityType] = { active: sum.count, xor: sum.hex };
      district.archived[chunk.entityType] = (district.archived[chunk.entityType] ?? 0) + archived.length;
    }
    return archived.length;
  }

  async install(partition: number, position: Position): Promise<boolean> {
    const current = this.#kept.positions.get(partition);
    if (current !== undefined && current.epoch >= position.epoch) return false;
    this.#kept.positions.set(partition, { ...position });
    return true;
  }

  #holds(partition: number, expected: Position): boolean {
    const p = this.#kept.positions.get(partition);
    if (p === undefined || p.epoch !== expected.epoch || p.mode !== expected.mode) return false;
    return p.next === expected.next && p.applyNext === expected.applyNext;
  }

  #allows(partition: number, epoch: number, writes: DistrictWrites): boolean {
    const { districtId, startSweep, endSweep } = writes;
    if (startSweep !== undefined) {
      const { snapshot } = this.#district(partition, epoch, districtId);
      if (snapshot?.generation !== startSweep.generation || snapshot.phase !== startSweep.phase) return false;
    }
    if (endSweep === undefined) return true;
    return ENTITY_TYPES.every(
      (entityType) =>
        this.#set('stale', partition, epoch, { districtId, entityType, ...endSweep }).size === 0,
    );
  }

  #forget(partition: number, epoch: number, { districtId, forget }: DistrictWrites): void {
    if (forget === undefined) return;
    for (const entityType of ENTITY_TYPES) {
      const group = { districtId, entityType, generation: forget.generation };
      for (const set of ['seen', 'withdrawn', 'stale'] as const)
        this.#set(set, partition, epoch, group).clear();
    }
    if (forget.reports)
      Object.assign(this.#district(partition, epoch, districtId), { reports: {}, archived: {} });
  }

  #apply(partition: number, epoch: number, writes: DistrictWrites): void {
    const { districtId, snapshot, reports, digests, marks, entries, startSweep } = writes;
    const district = this.#district(partition, epoch, districtId);
    if (snapshot !== undefined) district.snapshot = structuredClone(snapshot);
    Object.assign(district.reports, structuredClone(reports));
    Object.assign(district.digests, structuredClone(digests));
    for (const { entityType, seen, withdrawn } of marks?.types ?? []) {
      const group = { districtId, entityType, generation: marks?.generation ?? 0 };
      for (const id of seen) this.#set('seen', partition, epoch, group).add(id);
      for (const id of withdrawn) this.#set('withdrawn', partition, epoch, group).add(id);
    }
    for (const { entityType, entries: changed } of entries ?? []) {
      for (const { gg4lId, entry } of changed) {
        this.#entries(partition, epoch, { districtId, entityType }).set(gg4lId, entry);
        this.#active(partition, epoch, { districtId, entityType }).add(gg4lId);
      }
    }
    if (startSweep !== undefined) this.#startSweep(partition, epoch, districtId, startSweep.generation);
  }

  #startSweep(partition: number, epoch: number, districtId: string, generation: number): void {
    for (const entityType of ENTITY_TYPES) {
      const group = { districtId, entityType, generation };
      const [stale, seen] = [
        this.#set('stale', partition, epoch, group),
        this.#set('seen', partition, epoch, group),
      ];
      stale.clear();
      for (const id of this.#active(partition, epoch, group)) if (!seen.has(id)) stale.add(id);
    }
  }

  #view(partition: number, epoch: number, group: IdGroup): GroupView {
    const seen = this.#set('seen', partition, epoch, group);
    const withdrawn = this.#set('withdrawn', partition, epoch, group);
    const entries = this.#entries(partition, epoch, group);
    return {
      entries: group.gg4lIds.map((id) => entries.get(id) ?? null),
      marked: group.gg4lIds.map((id) => (seen.has(id) ? 'seen' : withdrawn.has(id) ? 'withdrawn' : null)),
    };
  }

  #records(partition: number, epoch: number, group: Group, ids: readonly string[]): StaleRecord[] {
    const withdrawn = this.#set('withdrawn', partition, epoch, group);
    return ids.map((gg4lId) => {
      const entry = this.#entries(partition, epoch, group).get(gg4lId);
      if (entry === undefined) throw new Error('An active id has no entry in the index.');
      return { gg4lId, entry, withdrawn: withdrawn.has(gg4lId) };
    });
  }

  #district(partition: number, epoch: number, districtId: string): DistrictState {
    const fresh = () => ({ snapshot: null, reports: {}, digests: {}, archived: {} });
    return within(this.#kept.districts, `${String(partition)} ${String(epoch)} ${districtId}`, fresh);
  }

  #set(set: 'seen' | 'withdrawn' | 'stale', partition: number, epoch: number, group: Group): Set<string> {
    const key = `${keyOf(partition, epoch, group)} ${set} ${String(group.generation)}`;
    return within(this.#kept.sets, key, () => new Set<string>());
  }

  #active(partition: number, epoch: number, group: Omit<Group, 'generation'>): Set<string> {
    return within(this.#kept.sets, `${keyOf(partition, epoch, group)} active`, () => new Set<string>());
  }

  #entries(partition: number, epoch: number, group: Omit<Group, 'generation'>): Map<string, IndexEntry> {
    return within(this.#kept.entries, keyOf(partition, epoch, group), () => new Map<string, IndexEntry>());
  }
}

function keyOf(partition: number, epoch: number, group: Omit<Group, 'generation'>): string {
  return `${String(partition)} ${String(epoch)} ${group.districtId} ${group.entityType}`;
}

function within<V>(map: Map<string, V>, key: string, fresh: () => V): V {
  const found = map.get(key) ?? fresh();
  map.set(key, found);
  return found;
}

function copyOf(kept: RosterIndexCopy): RosterIndexCopy {
  return {
    positions: new Map(kept.positions),
    sets: new Map([...kept.sets].map(([key, set]) => [key, new Set(set)])),
    entries: new Map([...kept.entries].map(([key, entries]) => [key, new Map(entries)])),
    districts: structuredClone(kept.districts),
  };
}
