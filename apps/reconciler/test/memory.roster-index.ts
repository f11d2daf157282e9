/*
 * The index of GG4L IDs in memory, with the promises of the one in Redis, for the simulation and its specs. It runs
 * hundreds of thousands of times: nothing is cloned but by `copy` and `restore`, and what is handed out is shared.
 */
import type { EntityType } from '#contracts';
import type {
  ArchiveChunk,
  Digest,
  DistrictWrites,
  IdGroup,
  IndexEntry,
  IndexView,
  LoadedType,
  MarkCounts,
  Position,
  StaleRecord,
} from '../src/reconciliation/index-state.js';
import type { RosterIndex } from '../src/reconciliation/ports.js';
import { MemoryPartition } from './memory.partition.js';

type Group = Omit<IdGroup, 'gg4lIds'>;

/** What a Redis file saved at some moment holds. */
export type RosterIndexCopy = ReadonlyMap<number, MemoryPartition>;

const UNSEEN_CHUNK = 2_000;
const NOTHING: IndexView = { position: null, districts: new Map(), incomplete: [], groups: [] };

export class MemoryRosterIndex implements RosterIndex {
  #partitions = new Map<number, MemoryPartition>();

  /** What a Redis file saved now would hold. */
  copy(): RosterIndexCopy {
    return copyOf(this.#partitions);
  }

  /** Rolls back to a copy: everything, or one partition. */
  restore(copy: RosterIndexCopy, partition?: number): void {
    if (partition === undefined) {
      this.#partitions = copyOf(copy);
      return;
    }
    const kept = copy.get(partition);
    if (kept === undefined) this.#partitions.delete(partition);
    else this.#partitions.set(partition, kept.copy());
  }

  /** Loses everything, or one partition. */
  flush(partition?: number): void {
    if (partition === undefined) this.#partitions.clear();
    else this.#partitions.delete(partition);
  }

  /** Loses a position and nothing else. */
  losePosition(partition: number): void {
    this.#partition(partition).position = null;
  }

  /** Loses the marks of one snapshot and nothing else. */
  loseMarks(
    partition: number,
    districtId: string,
    entityType: EntityType,
    generation: number,
    name: 'seen' | 'withdrawn' | 'stale' = 'seen',
  ): void {
    this.#partition(partition).loseOf(districtId, entityType, ({ marks }) => {
      marks.delete(`${name} ${String(generation)}`);
    });
  }

  /** As if Redis had lost the key of the entries. */
  loseEntries(partition: number, districtId: string, entityType: EntityType): void {
    this.#partition(partition).loseOf(districtId, entityType, ({ entries }) => entries.clear());
  }

  isPlaced(partition: number): boolean {
    return Boolean(this.#partitions.get(partition)?.position);
  }

  async read(
    partition: number,
    districtIds: readonly string[],
    groups: readonly IdGroup[],
  ): Promise<IndexView> {
    const kept = this.#partitions.get(partition);
    if (!kept?.position) return NOTHING;
    const { position } = kept;
    return {
      position,
      districts: new Map(districtIds.map((id) => [id, kept.view(position.epoch, id)])),
      incomplete: districtIds.filter((id) => !kept.isWhole(position.epoch, id)),
      groups: groups.map((group) => kept.group(position.epoch, group)),
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
    const kept = this.#partition(partition);
    if (!kept.holds(expected)) return false;
    if (!districts.every((writes) => kept.allows(epoch, writes))) return false;
    kept.position = next;
    for (const writes of districts) kept.forget(epoch, writes);
    for (const writes of districts) kept.apply(epoch, writes);
    return true;
  }

  async *unseen(
    partition: number,
    epoch: number,
    group: Group,
    marked: MarkCounts,
  ): AsyncGenerator<readonly StaleRecord[], undefined> {
    const rest = this.#partition(partition).unseen(epoch, group, marked);
    for (let i = 0; i < rest.length; i += UNSEEN_CHUNK) yield rest.slice(i, i + UNSEEN_CHUNK);
  }

  async stale(
    partition: number,
    epoch: number,
    group: Group,
    limit: number,
  ): Promise<readonly StaleRecord[]> {
    return this.#partition(partition).stale(epoch, group, limit);
  }

  async archive(partition: number, expected: Position, chunk: ArchiveChunk): Promise<number | null> {
    const kept = this.#partition(partition);
    return kept.holds(expected) ? kept.archive(expected.epoch, chunk) : null;
  }

  async load(
    partition: number,
    epoch: number,
    districtId: string,
    entityType: EntityType,
    entries: readonly { readonly gg4lId: string; readonly entry: IndexEntry }[],
    { first, digest }: { readonly first: boolean; readonly digest: Digest },
  ): Promise<void> {
    const kept = this.#partition(partition);
    if ((kept.position?.epoch ?? epoch) >= epoch) kept.emptyBelow(epoch);
    if (this.#isBegun(partition, epoch)) return;
    kept.load(epoch, { districtId, entityType, digest }, entries, first);
  }

  async install(partition: number, position: Position, expected: readonly LoadedType[]): Promise<boolean> {
    if (this.#isBegun(partition, position.epoch)) return false;
    const kept = this.#partition(partition);
    if (!expected.every((loaded) => kept.isAsLoaded(position.epoch, loaded))) return false;
    kept.position = position;
    return true;
  }

  async retire(partition: number, expected: Position): Promise<void> {
    const kept = this.#partition(partition);
    if (kept.holds(expected)) kept.position = null;
  }

  async forgetEpochs(partition: number, epoch: number): Promise<boolean> {
    return this.#isBegun(partition, epoch) && this.#partition(partition).forgetBelow(epoch);
  }

  #isBegun(partition: number, epoch: number): boolean {
    return (this.#partitions.get(partition)?.position?.epoch ?? 0) >= epoch;
  }

  #partition(partition: number): MemoryPartition {
    let kept = this.#partitions.get(partition);
    if (kept === undefined) this.#partitions.set(partition, (kept = new MemoryPartition()));
    return kept;
  }
}

function copyOf(partitions: RosterIndexCopy): Map<number, MemoryPartition> {
  return new Map([...partitions].map(([partition, kept]) => [partition, kept.copy()]));
}
