/*
 * Folds a change topic's partition into what the index holds of it: the highest generation of each id, of events that
 * are not fenced and that no tombstone follows. An event is fenced if a fence before it has a higher epoch. About 160
 * bytes an id, so that a partition of some millions fits in memory.
 */
import type { EntityType } from '#contracts';
import { digestsBytes, NO_DIGESTS } from '#oneroster';
import type { IndexEntry } from './index-state.js';
import { NonsenseError } from './partition-stopped.errors.js';
import type { LoggedChange } from './ports.js';

type ChangeOf<K extends LoggedChange['kind']> = Extract<LoggedChange, { kind: K }>;

export interface FoldedRecord {
  readonly gg4lId: string;
  readonly entry: IndexEntry;
}

export class TypeFold {
  /** Of every message read, fenced or not. */
  highestEpoch = 0;
  /** Of the fences read. */
  highestFence = 0;
  /** Where to read on. */
  next = 0n;
  readonly #districts = new Map<string, DistrictFold>();

  constructor(readonly entityType: EntityType) {}

  add(message: LoggedChange): void {
    if (message.offset < this.next)
      throw new NonsenseError(`${this.entityType}: an offset below the last one`);
    this.next = message.offset + 1n;
    if (message.kind === 'unreadable') return;
    if (message.kind === 'tombstone') {
      if (message.entityType === this.entityType)
        this.#districts.get(message.districtId)?.forget(message.gg4lId);
      return;
    }
    const { epoch } = message;
    if (!Number.isSafeInteger(epoch) || epoch < 0) {
      throw new NonsenseError(`${this.entityType}: an epoch that is no number`);
    }
    this.highestEpoch = Math.max(this.highestEpoch, epoch);
    if (message.kind === 'fence') this.highestFence = Math.max(this.highestFence, epoch);
    else if (message.kind === 'change' && epoch >= this.highestFence) this.#keep(message);
  }

  /** Districts of which anything is known, each handed out once and forgotten. */
  *takeDistricts(): Generator<{ readonly districtId: string; readonly fold: DistrictFold }> {
    for (const [districtId, fold] of this.#districts) {
      this.#districts.delete(districtId);
      if (fold.size === 0) continue;
      yield { districtId, fold };
    }
  }

  #keep(change: ChangeOf<'change'>): void {
    let fold = this.#districts.get(change.districtId);
    if (fold === undefined) {
      fold = new DistrictFold(this.entityType);
      this.#districts.set(change.districtId, fold);
    }
    fold.keep(change);
  }
}

/**
 * A row is fingerprint (16), school hash (8), generation (8), status (1 active, 2 archived), archived at (6), whether
 * the digests are known (1), digests.
 */
const STATUS_AT = 32;
const ARCHIVED_AT = 33;
const IS_DIGESTED_AT = 39;
const DIGESTS_AT = 40;
const FIRST_ROWS = 64;

export class DistrictFold {
  readonly #rows = new Map<string, number>();
  /** Those of forgotten ids are not used again. */
  #used = 0;
  readonly #rowBytes: number;
  #bytes: Buffer;

  constructor(entityType: EntityType) {
    this.#rowBytes = DIGESTS_AT + digestsBytes(entityType);
    this.#bytes = Buffer.alloc(FIRST_ROWS * this.#rowBytes);
  }

  get size(): number {
    return this.#rows.size;
  }

  keep(change: ChangeOf<'change'>): void {
    const { gg4lId, generation } = change;
    const known = this.#rows.get(gg4lId);
    if (known !== undefined && this.#generationAt(known) >= generation) return;
    const row = known ?? this.#used++;
    if (known === undefined) this.#rows.set(gg4lId, row);
    const at = row * this.#rowBytes;
    if (at + this.#rowBytes > this.#bytes.length) this.#grow();
    if (change.verb === 'archived') this.#keepArchive(at, change);
    else this.#keepRecord(at, change);
    change.fingerprint.copy(this.#bytes, at);
    change.schoolHash.copy(this.#bytes, at + 16);
    this.#bytes.writeBigUInt64BE(BigInt(generation), at + 24);
  }

  forget(gg4lId: string): void {
    this.#rows.delete(gg4lId);
  }

  /** The entries are views of the fold. */
  *chunks(limit: number): Generator<readonly FoldedRecord[]> {
    let chunk: FoldedRecord[] = [];
    for (const [gg4lId, row] of this.#rows) {
      chunk.push({ gg4lId, entry: this.#entryAt(row) });
      if (chunk.length < limit) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }

  #keepRecord(at: number, { digests }: ChangeOf<'change'>): void {
    this.#bytes.writeUInt8(1, at + STATUS_AT);
    this.#bytes.writeUIntBE(0, at + ARCHIVED_AT, 6);
    this.#bytes.writeUInt8(digests.length === 0 ? 0 : 1, at + IS_DIGESTED_AT);
    digests.copy(this.#bytes, at + DIGESTS_AT);
  }

  /** An archive has no body: what the row knew of that content, and of an earlier archive that is told again, stays. */
  #keepArchive(at: number, { archivedAtMs, fingerprint }: ChangeOf<'change'>): void {
    const isSame = this.#bytes.compare(fingerprint, 0, 16, at, at + 16) === 0;
    if (!isSame) this.#bytes.writeUInt8(0, at + IS_DIGESTED_AT);
    this.#bytes.writeUInt8(2, at + STATUS_AT);
    if (archivedAtMs > 0) this.#bytes.writeUIntBE(archivedAtMs, at + ARCHIVED_AT, 6);
  }

  #generationAt(row: number): number {
    return Number(this.#bytes.readBigUInt64BE(row * this.#rowBytes + 24));
  }

  #entryAt(row: number): IndexEntry {
    const at = row * this.#rowBytes;
    const isDigested = this.#bytes.readUInt8(at + IS_DIGESTED_AT) === 1;
    return {
      fingerprint: this.#bytes.subarray(at, at + 16),
      status: this.#bytes.readUInt8(at + STATUS_AT) === 2 ? 'archived' : 'active',
      generation: this.#generationAt(row),
      schoolHash: this.#bytes.subarray(at + 16, at + 24),
      digests: isDigested ? this.#bytes.subarray(at + DIGESTS_AT, at + this.#rowBytes) : NO_DIGESTS,
      archivedAtMs: this.#bytes.readUIntBE(at + ARCHIVED_AT, 6),
    };
  }

  #grow(): void {
    const larger = Buffer.alloc(this.#bytes.length * 2);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}
