/* One partition of the index in memory. Values are never changed in place but replaced, so that views and copies share them. */
import { ENTITY_TYPES, XorSum, type EntityType } from '#contracts';
import type {
  ArchiveChunk,
  DistrictView,
  DistrictWrites,
  GroupView,
  IdGroup,
  IndexEntry,
  LoadedType,
  MarkCounts,
  Position,
  StaleRecord,
} from '../src/reconciliation/index-state.js';
import { LostMarksError } from '../src/reconciliation/lost-marks.error.js';
import { NonsenseError } from '../src/reconciliation/partition-stopped.errors.js';
import { DistrictKeys, UNKNOWN, type TypeKeys } from './memory.keys.js';

type Group = Omit<IdGroup, 'gg4lIds'>;

const NO_TYPES: ReadonlyMap<EntityType, TypeKeys> = new Map();
const EMPTY_DIGEST = { active: 0, xor: '0000000000000000' };

export class MemoryPartition {
  position: Position | null = null;
  readonly #epochs = new Map<number, Map<string, DistrictKeys>>();

  copy(): MemoryPartition {
    const copy = new MemoryPartition();
    copy.position = this.position;
    for (const [epoch, districts] of this.#epochs) {
      copy.#epochs.set(epoch, new Map([...districts].map(([id, keys]) => [id, keys.copy()])));
    }
    return copy;
  }

  holds(expected: Position): boolean {
    const p = this.position;
    if (p === null || p.epoch !== expected.epoch || p.mode !== expected.mode) return false;
    return p.next === expected.next && p.applyNext === expected.applyNext;
  }

  view(epoch: number, districtId: string): DistrictView {
    return this.#epochs.get(epoch)?.get(districtId)?.view ?? UNKNOWN;
  }

  group(epoch: number, group: IdGroup): GroupView {
    const keys = this.#known(epoch, group);
    const seen = keys?.has('seen', group.generation);
    const withdrawn = keys?.has('withdrawn', group.generation);
    return {
      entries: group.gg4lIds.map((id) => keys?.entries.get(id) ?? null),
      marked: group.gg4lIds.map((id) => (seen?.has(id) ? 'seen' : withdrawn?.has(id) ? 'withdrawn' : null)),
    };
  }

  unseen(epoch: number, group: Group, marked: MarkCounts): readonly StaleRecord[] {
    const keys = this.#known(epoch, group);
    const seen = keys?.has('seen', group.generation);
    const withdrawn = keys?.has('withdrawn', group.generation);
    if ((seen?.size ?? 0) !== marked.seen || (withdrawn?.size ?? 0) !== marked.withdrawn)
      throw new LostMarksError();
    return this.#records(
      epoch,
      group,
      [...(keys?.active ?? [])].filter((id) => !seen?.has(id)),
    );
  }

  stale(epoch: number, group: Group, limit: number): readonly StaleRecord[] {
    const ids = this.#known(epoch, group)?.has('stale', group.generation) ?? [];
    return this.#records(epoch, group, [...ids].slice(0, limit));
  }

  archive(epoch: number, chunk: ArchiveChunk): number {
    const { districtId, entityType, generation } = chunk;
    const district = this.#district(epoch, districtId);
    const keys = district.of(entityType);
    const stale = keys.marked('stale', generation);
    const taken = chunk.records.filter(({ gg4lId }) => stale.delete(gg4lId));
    const before = district.view.digests[entityType] ?? EMPTY_DIGEST;
    const sum = new XorSum(before.xor, before.active);
    for (const { gg4lId, entry, term } of taken) {
      keys.entries.set(gg4lId, entry);
      if (keys.active.delete(gg4lId)) sum.remove(term);
    }
    const archived = before.active - sum.count;
    if (archived > 0) {
      const { view } = district;
      district.view = {
        ...view,
        digests: { ...view.digests, [entityType]: { active: sum.count, xor: sum.hex } },
        archived: { ...view.archived, [entityType]: (view.archived[entityType] ?? 0) + archived },
      };
    }
    return taken.length;
  }

  /** As if Redis had lost one key of a type, in every epoch. */
  loseOf(districtId: string, entityType: EntityType, lose: (keys: TypeKeys) => void): void {
    for (const districts of this.#epochs.values()) {
      const keys = districts.get(districtId)?.types.get(entityType);
      if (keys !== undefined) lose(keys);
    }
  }

  isWhole(epoch: number, districtId: string): boolean {
    const { digests } = this.view(epoch, districtId);
    const types = this.#types(epoch, districtId);
    return ENTITY_TYPES.every((entityType) => {
      const keys = types.get(entityType);
      const active = keys?.active.size ?? 0;
      return active === (digests[entityType]?.active ?? 0) && (keys?.entries.size ?? 0) >= active;
    });
  }

  allows(epoch: number, { districtId, startSweep, endSweep }: DistrictWrites): boolean {
    if (startSweep !== undefined) {
      const { snapshot } = this.view(epoch, districtId);
      const { generation, phase, atMost } = startSweep;
      if (snapshot?.generation !== generation || snapshot.phase !== phase) return false;
      for (const [entityType, keys] of this.#types(epoch, districtId)) {
        if (keys.unseen(generation).size > (atMost[entityType] ?? 0)) return false;
      }
    }
    if (endSweep === undefined) return true;
    return ENTITY_TYPES.every((entityType) => {
      const keys = this.#known(epoch, { districtId, entityType });
      return (keys?.has('stale', endSweep.generation)?.size ?? 0) === 0;
    });
  }

  forget(epoch: number, { districtId, forget }: DistrictWrites): void {
    if (forget === undefined) return;
    const district = this.#district(epoch, districtId);
    for (const keys of district.types.values()) {
      for (const name of ['seen', 'withdrawn', 'stale'] as const)
        keys.marks.delete(`${name} ${String(forget.generation)}`);
    }
    if (forget.reports) district.view = { ...district.view, reports: {}, archived: {} };
  }

  apply(epoch: number, writes: DistrictWrites): void {
    const { districtId, snapshot, reports, digests, marks, entries, startSweep } = writes;
    const district = this.#district(epoch, districtId);
    const { view } = district;
    district.view = {
      snapshot: snapshot ?? view.snapshot,
      reports: reports === undefined ? view.reports : { ...view.reports, ...reports },
      digests: digests === undefined ? view.digests : { ...view.digests, ...digests },
      archived: view.archived,
    };
    for (const { entityType, seen, withdrawn } of marks?.types ?? []) {
      const keys = district.of(entityType);
      const generation = marks?.generation ?? 0;
      for (const id of seen) keys.marked('seen', generation).add(id);
      for (const id of withdrawn) keys.marked('withdrawn', generation).add(id);
    }
    for (const { entityType, entries: changed } of entries ?? []) {
      const keys = district.of(entityType);
      for (const { gg4lId, entry } of changed) {
        keys.entries.set(gg4lId, entry);
        keys.active.add(gg4lId);
      }
    }
    if (startSweep !== undefined) this.#startSweep(district, startSweep);
  }

  /** Entries of a fresh epoch. */
  load(
    epoch: number,
    { districtId, entityType, digest }: Omit<LoadedType, 'ids'>,
    entries: readonly { readonly gg4lId: string; readonly entry: IndexEntry }[],
    first: boolean,
  ): void {
    const district = this.#district(epoch, districtId);
    if (first) district.types.delete(entityType);
    const keys = district.of(entityType);
    district.view = { ...district.view, digests: { ...district.view.digests, [entityType]: digest } };
    for (const { gg4lId, entry } of entries) {
      keys.entries.set(gg4lId, entry);
      if (entry.status === 'active') keys.active.add(gg4lId);
    }
  }

  isAsLoaded(epoch: number, { districtId, entityType, ids, digest }: LoadedType): boolean {
    const keys = this.#known(epoch, { districtId, entityType });
    const found = this.view(epoch, districtId).digests[entityType];
    if ((keys?.entries.size ?? 0) !== ids || (keys?.active.size ?? 0) !== digest.active) return false;
    return found?.active === digest.active && found.xor === digest.xor;
  }

  /** Of epochs below this one only names stay: `forgetBelow` takes as long with them as a search among all keys does. */
  emptyBelow(epoch: number): void {
    for (const [dead, districts] of this.#epochs)
      if (dead < epoch) for (const id of districts.keys()) districts.set(id, new DistrictKeys());
  }

  /** Removes one district of an epoch below this one; false if there is none. */
  forgetBelow(epoch: number): boolean {
    for (const [dead, districts] of this.#epochs) {
      if (dead >= epoch) continue;
      const [districtId] = districts.keys();
      if (districtId !== undefined) districts.delete(districtId);
      if (districts.size === 0) this.#epochs.delete(dead);
      return true;
    }
    return false;
  }

  #startSweep(
    district: DistrictKeys,
    { generation, refresh }: NonNullable<DistrictWrites['startSweep']>,
  ): void {
    for (const [entityType, keys] of district.types) {
      const stale = keys.unseen(generation);
      if (refresh.includes(entityType))
        for (const id of keys.entries.keys()) if (!keys.active.has(id)) stale.add(id);
      keys.marks.set(`stale ${String(generation)}`, stale);
    }
  }

  #records(epoch: number, group: Group, ids: readonly string[]): readonly StaleRecord[] {
    const keys = this.#known(epoch, group);
    const withdrawn = keys?.has('withdrawn', group.generation);
    return ids.map((gg4lId) => {
      const entry = keys?.entries.get(gg4lId);
      if (entry === undefined) throw new NonsenseError('an active id has no entry in the index');
      return { gg4lId, entry, withdrawn: withdrawn?.has(gg4lId) ?? false };
    });
  }

  #known(epoch: number, { districtId, entityType }: Omit<Group, 'generation'>): TypeKeys | undefined {
    return this.#epochs.get(epoch)?.get(districtId)?.types.get(entityType);
  }

  #types(epoch: number, districtId: string): ReadonlyMap<EntityType, TypeKeys> {
    return this.#epochs.get(epoch)?.get(districtId)?.types ?? NO_TYPES;
  }

  #district(epoch: number, districtId: string): DistrictKeys {
    let districts = this.#epochs.get(epoch);
    if (districts === undefined) this.#epochs.set(epoch, (districts = new Map<string, DistrictKeys>()));
    let district = districts.get(districtId);
    if (district === undefined) districts.set(districtId, (district = new DistrictKeys()));
    return district;
  }
}
