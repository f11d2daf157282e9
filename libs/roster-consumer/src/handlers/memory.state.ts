import { watermarkTerm, XorSum, type EntityType } from '#contracts';
import type { FenceAt, RowsDigest, Standing } from '../following/ports.js';
import type { PassedLine } from '../progress/progress.js';
import type { ConsumerState, KeptRecord, RecordKey, StateCall } from './state.js';

/** Records in one call of `contents`. */
const MOST_RECORDS = 1_000;
const NO_DIGEST: RowsDigest = { active: 0, xor: '0000000000000000', highestGeneration: 0 };

/** Records of one district, type and partition. */
interface Group {
  readonly records: Map<string, KeptRecord>;
  readonly active: XorSum;
  highestGeneration: number;
}

/** Lost with the process: the next one reads the topics from their start. About 300 bytes a record. */
export class MemoryState implements ConsumerState {
  readonly #groups = new Map<string, Group>();
  readonly #fences = new Map<string, Map<number, bigint>>();
  readonly #highest = new Map<string, bigint>();
  readonly #passed = new Map<string, Map<string, PassedLine>>();

  async standing(entityType: EntityType, partition: number): Promise<Standing> {
    const place = `${entityType}/${partition}`;
    const fences = [...(this.#fences.get(place) ?? [])]
      .map(([epoch, offset]) => ({ epoch, offset }))
      .sort((a, b) => a.epoch - b.epoch);
    return { fences, highestOffset: this.#highest.get(place) ?? null };
  }

  async find(
    entityType: EntityType,
    partition: number,
    keys: readonly RecordKey[],
  ): Promise<readonly (KeptRecord | undefined)[]> {
    return keys.map(({ districtId, gg4lId }) =>
      this.#groups.get(`${entityType}/${partition}/${districtId}`)?.records.get(gg4lId),
    );
  }

  async keep(
    entityType: EntityType,
    partition: number,
    records: readonly KeptRecord[],
    fences: readonly FenceAt[],
    forgotten: readonly RecordKey[] = [],
  ): Promise<void> {
    const place = `${entityType}/${partition}`;
    for (const { districtId, gg4lId } of forgotten) take(this.#groups.get(`${place}/${districtId}`), gg4lId);
    for (const record of records) {
      const group = this.#group(`${place}/${record.districtId}`);
      put(group, record);
      group.highestGeneration = Math.max(group.highestGeneration, record.generation);
    }
    const own = this.#fences.get(place) ?? new Map<number, bigint>();
    for (const { epoch, offset } of fences) {
      const before = own.get(epoch);
      if (before === undefined || offset < before) own.set(epoch, offset);
    }
    this.#fences.set(place, own);
    for (const { offset } of [...records, ...fences]) {
      if (offset > (this.#highest.get(place) ?? -1n)) this.#highest.set(place, offset);
    }
  }

  async digest(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest> {
    const group = this.#groups.get(`${entityType}/${partition}/${districtId}`);
    if (group === undefined) return NO_DIGEST;
    const { active, highestGeneration } = group;
    return { active: active.count, xor: active.hex, highestGeneration };
  }

  async forget(districtId: string, entityType: EntityType, partition: number): Promise<void> {
    const key = `${entityType}/${partition}/${districtId}`;
    this.#groups.get(key)?.records.clear(); // `contents` may stand in the middle of them
    this.#groups.delete(key);
  }

  async pass(lines: readonly PassedLine[]): Promise<void> {
    for (const line of lines) {
      const own = this.#passed.get(line.districtId) ?? new Map<string, PassedLine>();
      this.#passed.set(line.districtId, own);
      const place = `${line.entityType}/${line.partition}`;
      if ((own.get(place)?.generation ?? 0) < line.generation) own.set(place, line);
    }
  }

  async passed(districtId: string): Promise<readonly PassedLine[]> {
    return [...(this.#passed.get(districtId)?.values() ?? [])];
  }

  /** All that is kept, as the calls that bring it back; each says what is kept when it is taken. */
  *contents(): Iterable<StateCall> {
    for (const [key, { records }] of this.#groups) {
      for (const some of inParts(records.values())) {
        yield { call: 'keep', ...placeOf(key), records: some, fences: [] };
      }
    }
    for (const [key, kept] of this.#fences) {
      const fences = [...kept].map(([epoch, offset]) => ({ epoch, offset }));
      yield { call: 'keep', ...placeOf(key), records: [], fences };
    }
    for (const lines of this.#passed.values()) yield { call: 'pass', lines: [...lines.values()] };
  }

  #group(key: string): Group {
    let group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, (group = { records: new Map(), active: new XorSum(), highestGeneration: 0 }));
    }
    return group;
  }
}

function put({ records, active }: Group, record: KeptRecord): void {
  const before = records.get(record.gg4lId);
  if (before?.active === true) active.remove(termOf(before));
  if (record.active) active.add(termOf(record));
  records.set(record.gg4lId, record);
}

function take(group: Group | undefined, gg4lId: string): void {
  const before = group?.records.get(gg4lId);
  if (before?.active === true) group?.active.remove(termOf(before));
  group?.records.delete(gg4lId);
}

function* inParts(records: Iterable<KeptRecord>): Generator<KeptRecord[]> {
  let part: KeptRecord[] = [];
  for (const record of records) {
    part.push(record);
    if (part.length < MOST_RECORDS) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function termOf({ gg4lId, fingerprint }: KeptRecord): Buffer {
  return watermarkTerm(gg4lId, Buffer.from(fingerprint, 'hex'));
}

function placeOf(key: string): { entityType: EntityType; partition: number } {
  const [entityType, partition] = key.split('/');
  return { entityType: entityType as EntityType, partition: Number(partition) };
}
