/*
 * Compares topic, table and index while everything runs. The topic is the truth. What differs at first sight may only
 * be under way, so it is looked at again until neither the topic nor the difference has moved; partitions that the
 * persister has not read to their end are not judged.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { partitionOf, recordHash, type EntityType } from '#contracts';
import type { StoredRow } from '../../apps/persister/src/roster-store/row-reader.js';
import { differenceOf, type Difference, type Held } from './differences.js';
import { compareDigests, type Place } from './digests.js';
import { ErasedRows } from './erased-rows.js';
import { keyOf, type Stores } from './stores.js';
import { inPlaces, type Suspect } from './suspects.js';
import type { TopicFold } from './topic-fold.js';

const LOOKS = 5;
const LOOK_EVERY_MS = 500;
const CAUGHT_UP_LOOKS = 60;

export interface Outcome {
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** Partitions whose rows were not judged because the persister is behind, as `topic/partition`. */
  readonly behind: readonly string[];
  /** Places whose sums in the index were not judged because they changed at every look. */
  readonly moving: readonly string[];
}

export class Verification {
  readonly #erased: ErasedRows;

  constructor(
    private readonly stores: Stores,
    private readonly districtId?: string,
  ) {
    this.#erased = new ErasedRows(stores);
  }

  /** Whether sums of rows and of the index are equal in every place; the cheapest look, of rows and index only. */
  async sumsAreEqual(type: EntityType): Promise<boolean> {
    const rows = new Map(
      (await this.stores.rows.digests(type, this.districtId)).map((sum) => [
        `${sum.partition}/${sum.districtId}`,
        sum,
      ]),
    );
    for (const partition of this.stores.partitions) {
      const epoch = await this.stores.index.epoch(partition);
      if (epoch === null) continue;
      for (const districtId of await this.#indexed(partition, epoch)) {
        const sum = rows.get(`${partition}/${districtId}`);
        rows.delete(`${partition}/${districtId}`);
        const { active, xor } = await this.stores.index.digest({
          partition,
          epoch,
          districtId,
          entityType: type,
        });
        if ((sum?.active ?? 0) !== active || (sum?.xor ?? '0'.repeat(16)) !== xor) return false;
      }
    }
    return [...rows.values()].every(({ active }) => active === 0);
  }

  async deep(type: EntityType): Promise<Outcome> {
    const folds = await this.stores.foldAll(type);
    const behind = new Set(await this.#awaitPersister(type, folds));
    const judged = new Set(folds.filter(({ partition }) => !behind.has(partition)));
    const rows = await this.#suspectRows(type, folds, judged);
    const entries: Suspect[] = [];
    let compared = rows.compared;
    for (const fold of folds) compared += await this.#suspectEntries(fold, entries);
    const differences = await this.#confirm(type, folds, [...rows.suspects, ...entries], behind);
    const topic = this.stores.topics.changes[type];
    const places = this.#placesToSum(folds, differences);
    const sums = await compareDigests(this.stores, places, { looks: LOOKS, everyMs: LOOK_EVERY_MS });
    return {
      compared,
      differences: [...differences, ...sums.wrong],
      behind: [...behind].sort((a, b) => a - b).map((partition) => `${topic}/${partition}`),
      moving: sums.moving.map(({ fold, districtId }) => `${topic}/${fold.partition} of ${districtId}`),
    };
  }

  /** Until the persister has read what the folds hold; more may come all the while. Gives the partitions that are behind. */
  async #awaitPersister(type: EntityType, folds: readonly TopicFold[]): Promise<readonly number[]> {
    const { config, topics, lag } = this.stores;
    const read = new Map(folds.map(({ partition, next }) => [partition, next]));
    for (let look = 0; ; look += 1) {
      const behind = await lag.below(`${config.ROLLCALL_NAMESPACE}.persister`, topics.changes[type], read);
      if (behind.length === 0 || look >= CAUGHT_UP_LOOKS) return behind;
      await pause(LOOK_EVERY_MS);
    }
  }

  async #suspectRows(type: EntityType, folds: readonly TopicFold[], judged: ReadonlySet<TopicFold>) {
    const suspects: Suspect[] = [];
    const seen = folds.map(() => new Set<string>());
    let compared = 0;
    await this.#erased.look(type);
    for await (const page of this.stores.rows.rows(type, this.districtId)) {
      compared += page.length;
      for (const row of page) {
        const fold = folds[partitionOf(recordHash(row.districtId, type, row.gg4lId), folds.length)];
        if (fold === undefined || !judged.has(fold)) continue;
        seen[fold.partition]?.add(keyOf(row));
        if (differenceOf(fold.told(row.districtId, row.gg4lId), this.#toHeldRow(fold, row)) === null)
          continue;
        suspects.push({ copy: 'table', fold, districtId: row.districtId, gg4lId: row.gg4lId });
      }
    }
    await this.#erased.look(type);
    for (const fold of judged) {
      for (const id of this.#told(fold)) {
        const isMissing = seen[fold.partition]?.has(keyOf(id)) === false;
        if (!isMissing || this.#erased.isForgotten(fold, id.districtId, id.gg4lId)) continue;
        suspects.push({ copy: 'table', fold, ...id });
      }
    }
    return { suspects, compared };
  }

  /** Gives how many entries were compared. A partition without an index will be rebuilt, and has nothing wrong. */
  async #suspectEntries(fold: TopicFold, suspects: Suspect[]): Promise<number> {
    const { partition, entityType } = fold;
    const epoch = await this.stores.index.epoch(partition);
    if (epoch === null) return 0;
    const seen = new Set<string>();
    for (const districtId of await this.#indexed(partition, epoch)) {
      for await (const records of this.stores.index.records({ partition, epoch, districtId, entityType })) {
        for (const { gg4lId, entry } of records) {
          seen.add(keyOf({ districtId, gg4lId }));
          if (differenceOf(fold.told(districtId, gg4lId), toHeld(entry)) === null) continue;
          suspects.push({ copy: 'index', fold, districtId, gg4lId });
        }
      }
    }
    for (const id of this.#told(fold))
      if (!seen.has(keyOf(id))) suspects.push({ copy: 'index', fold, ...id });
    return seen.size;
  }

  /** Adds to `behind` the partitions in which rows cannot be judged after all. */
  async #confirm(
    type: EntityType,
    folds: readonly TopicFold[],
    suspects: readonly Suspect[],
    behind: Set<number>,
  ): Promise<readonly Difference[]> {
    let left = suspects;
    let differing: readonly (Suspect & Difference)[] = [];
    let moved = true;
    for (let look = 0; look < LOOKS && left.length > 0 && moved; look += 1) {
      if (look > 0) await pause(LOOK_EVERY_MS);
      moved = false;
      for (const fold of folds) if ((await this.stores.foldOn(fold)).size > 0) moved = true;
      for (const partition of await this.#awaitPersister(type, folds)) behind.add(partition);
      await this.#erased.look(type);
      differing = await this.#differing(
        left.filter(({ copy, fold }) => copy === 'index' || !behind.has(fold.partition)),
      );
      moved ||= differing.length < left.length;
      left = differing;
    }
    return differing;
  }

  async #differing(suspects: readonly Suspect[]): Promise<(Suspect & Difference)[]> {
    const found: (Suspect & Difference)[] = [];
    for (const some of inPlaces(suspects)) {
      const held = await this.#held(some);
      for (const { copy, fold, districtId, gg4lId } of some) {
        const own = held.get(gg4lId) ?? null;
        const what = differenceOf(fold.told(districtId, gg4lId), own);
        const { entityType, partition } = fold;
        if (what === null) continue;
        const version = own?.version === undefined ? {} : { version: own.version };
        found.push({ copy, fold, entityType, partition, districtId, gg4lId, what, ...version });
      }
    }
    return found;
  }

  /** By GG4L ID; of suspects of one copy, partition and district. */
  async #held(suspects: readonly Suspect[]): Promise<ReadonlyMap<string, Held>> {
    const [first] = suspects;
    if (first === undefined) return new Map();
    const { copy, fold, districtId } = first;
    const { entityType, partition } = fold;
    if (copy === 'table') {
      const rows = await this.stores.rows.some(entityType, suspects);
      const named = await this.#erased.enrolled(fold, rows);
      return new Map(rows.map((row) => [row.gg4lId, this.#toHeldRow(fold, row, named)]));
    }
    const epoch = await this.stores.index.epoch(partition);
    if (epoch === null) return new Map();
    const ids = suspects.map(({ gg4lId }) => gg4lId);
    const entries = await this.stores.index.entries({ partition, epoch, districtId, entityType }, ids);
    return new Map(entries.flatMap((entry, at) => (entry ? [[ids[at] ?? '', toHeld(entry)] as const] : [])));
  }

  /** Where entries are as they should be: sums that differ beside them say nothing new. */
  #placesToSum(folds: readonly TopicFold[], differences: readonly Difference[]): readonly Place[] {
    const passedBy = new Set(
      differences
        .filter(({ copy }) => copy === 'index')
        .map(({ partition, districtId }) => `${partition}/${districtId}`),
    );
    return folds.flatMap((fold) =>
      fold
        .districts()
        .filter((districtId) => this.districtId === undefined || districtId === this.districtId)
        .filter((districtId) => !passedBy.has(`${fold.partition}/${districtId}`))
        .map((districtId) => ({ fold, districtId })),
    );
  }

  #toHeldRow(
    { partition, entityType }: TopicFold,
    row: StoredRow,
    named?: ReadonlyMap<string, string>,
  ): Held {
    const computed = this.#erased.computedOf(entityType, row, named);
    return { ...row, computed, misplaced: row.partition !== partition };
  }

  async #indexed(partition: number, epoch: number): Promise<readonly string[]> {
    return this.districtId === undefined ? this.stores.index.districts(partition, epoch) : [this.districtId];
  }

  *#told(fold: TopicFold): Generator<{ readonly districtId: string; readonly gg4lId: string }> {
    for (const districtId of fold.districts()) {
      if (this.districtId !== undefined && districtId !== this.districtId) continue;
      for (const gg4lId of fold.idsOf(districtId)) yield { districtId, gg4lId };
    }
  }
}

function toHeld(entry: { generation: number; status: 'active' | 'archived'; fingerprint: Buffer }): Held {
  const { generation, status, fingerprint } = entry;
  return { generation, active: status === 'active', fingerprint: fingerprint.toString('hex') };
}
