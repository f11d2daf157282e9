/* Schema `roster` in memory, with the promises of the one in Postgres, for the simulation and for specs. */
import { watermarkTerm, XorSum, type EntityType } from '#contracts';
import type { Entry } from '../src/following/decode-entries.js';
import { FenceLine } from '../src/following/fence-line.js';
import type { ArchiveRow, FoldedChanges, ForgottenRow, RecordRow } from '../src/following/fold-changes.js';
import {
  RefusedRowsError,
  type FenceAt,
  type OvertakenEvent,
  type RosterStore,
  type RowsDigest,
  type Standing,
} from '../src/following/ports.js';
import { sortEntries } from '../src/following/sort-entries.js';

export interface MemoryRow {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly gg4lId: string;
  readonly partition: number;
  readonly generation: number;
  readonly epoch: number;
  readonly offset: bigint;
  /** In hex. */
  readonly fingerprint: string;
  readonly active: boolean;
  /** Watermark term. */
  readonly term: Buffer;
}

/** Rows of one type: district → GG4L ID → row. */
type TypeRows = Map<string, Map<string, MemoryRow>>;

export class MemoryRosterStore implements RosterStore {
  readonly #rows = new Map<EntityType, TypeRows>();
  readonly #fences = new Map<string, FenceAt[]>();
  readonly #highest = new Map<string, bigint>();

  /** `refuses`: rows that the store cannot hold. */
  constructor(private readonly refuses: (row: RecordRow | ArchiveRow) => boolean = () => false) {}

  /** Rows of a type, of one district or all. */
  *rows(entityType: EntityType, districtId?: string): Iterable<MemoryRow> {
    for (const [district, rows] of this.#typeRows(entityType)) {
      if (districtId === undefined || districtId === district) yield* rows.values();
    }
  }

  row(entityType: EntityType, districtId: string, gg4lId: string): MemoryRow | undefined {
    return this.#typeRows(entityType).get(districtId)?.get(gg4lId);
  }

  /** What no store should do. */
  lose(entityType: EntityType, districtId: string, gg4lId: string): void {
    this.#typeRows(entityType).get(districtId)?.delete(gg4lId);
  }

  /** As `verify --repair`: rows of a partition that no event in force tells of are removed. */
  removeUntold(entityType: EntityType, partition: number, entries: readonly Entry[]): void {
    const { changes } = sortEntries(entries, FenceLine.EMPTY);
    const told = new Set(changes.map(({ districtId, event }) => `${districtId}/${event.subject}`));
    for (const { districtId, gg4lId, partition: at } of [...this.rows(entityType)]) {
      if (at === partition && !told.has(`${districtId}/${gg4lId}`)) this.lose(entityType, districtId, gg4lId);
    }
  }

  async standing(entityType: EntityType, partition: number): Promise<Standing> {
    const place = `${entityType}/${partition}`;
    return {
      fences: (this.#fences.get(place) ?? []).toSorted((a, b) => a.epoch - b.epoch),
      highestOffset: this.#highest.get(place) ?? null,
    };
  }

  async write(
    entityType: EntityType,
    partition: number,
    { forgotten, records, archives }: FoldedChanges,
    fences: readonly FenceAt[],
  ): Promise<number> {
    if (records.some(this.refuses) || archives.some(this.refuses)) throw new RefusedRowsError('refused');
    const place = `${entityType}/${partition}`;
    const kept = this.#fences.get(place) ?? [];
    for (const fence of fences) keepFence(kept, fence);
    this.#fences.set(place, kept);
    for (const row of forgotten) this.#forget(entityType, partition, row);
    let written = 0;
    for (const row of records) written += this.#put(entityType, partition, row, true);
    for (const row of archives) written += this.#put(entityType, partition, row, false);
    const rows = written > 0 ? [...records, ...archives] : [];
    for (const { offset } of [...fences, ...rows]) {
      if (offset > (this.#highest.get(place) ?? -1n)) this.#highest.set(place, offset);
    }
    return written;
  }

  async shadowed(entityType: EntityType, events: readonly OvertakenEvent[]): Promise<readonly string[]> {
    const districtIds = new Set<string>();
    for (const { districtId, gg4lId, offset, generation, fenced } of events) {
      const row = this.row(entityType, districtId, gg4lId);
      if (row && row.offset < offset && (fenced || generation < row.generation)) districtIds.add(districtId);
    }
    return [...districtIds].sort();
  }

  async digest(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest> {
    const sum = new XorSum();
    let highestGeneration = 0;
    for (const row of this.rows(entityType, districtId)) {
      if (row.partition !== partition) continue;
      highestGeneration = Math.max(highestGeneration, row.generation);
      if (row.active) sum.add(row.term);
    }
    return { active: sum.count, xor: sum.hex, highestGeneration };
  }

  #forget(entityType: EntityType, partition: number, { districtId, gg4lId, offset }: ForgottenRow): void {
    const rows = this.#typeRows(entityType).get(districtId);
    const row = gg4lId === undefined ? undefined : rows?.get(gg4lId);
    if (row?.partition === partition && row.offset < offset) rows?.delete(row.gg4lId);
  }

  #put(
    entityType: EntityType,
    partition: number,
    { districtId, offset, event }: RecordRow | ArchiveRow,
    active: boolean,
  ): 0 | 1 {
    const types = this.#typeRows(entityType);
    let rows = types.get(districtId);
    if (rows === undefined) types.set(districtId, (rows = new Map<string, MemoryRow>()));
    const { subject: gg4lId, generation, epoch, fingerprint } = event;
    const stored = rows.get(gg4lId);
    if (stored !== undefined && stored.generation >= generation) return 0;
    const term = termOf(gg4lId, fingerprint);
    rows.set(gg4lId, {
      districtId,
      entityType,
      gg4lId,
      partition,
      generation,
      epoch,
      offset,
      fingerprint,
      active,
      term,
    });
    return 1;
  }

  #typeRows(entityType: EntityType): TypeRows {
    let rows = this.#rows.get(entityType);
    if (rows === undefined) this.#rows.set(entityType, (rows = new Map<string, Map<string, MemoryRow>>()));
    return rows;
  }
}

const MAX_TERMS = 20_000;
const terms = new Map<string, Buffer>();

/** The same few records come again and again. */
function termOf(gg4lId: string, fingerprint: string): Buffer {
  const key = `${gg4lId} ${fingerprint}`;
  let term = terms.get(key);
  if (term === undefined) {
    if (terms.size >= MAX_TERMS) terms.clear();
    terms.set(key, (term = watermarkTerm(gg4lId, Buffer.from(fingerprint, 'hex'))));
  }
  return term;
}

function keepFence(kept: FenceAt[], fence: FenceAt): void {
  const at = kept.findIndex(({ epoch }) => epoch === fence.epoch);
  const before = kept[at];
  if (before === undefined) kept.push(fence);
  else if (fence.offset < before.offset) kept[at] = fence;
}
