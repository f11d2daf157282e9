/*
 * What a district shares now: its roster under its edits, in order of id, addressed by position so that a page costs
 * its rows and nothing else. Only a collection that something is hidden from, added to or selected from keeps an order
 * of its own (four bytes a record, made at the first read after an edit).
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { PlainRecord, Roster } from '../roster/plain-record.js';
import { hangsOnSchools } from './hangs-on-schools.js';
import { layOver, revise } from './revise.js';
import type { Edit, SharingState } from './sharing-state.js';

/** Part of a collection, as `/students` is of users. */
export interface Selection {
  readonly type: EntityType;
  /** Absent: all. */
  readonly only?: { readonly attribute: string; readonly value: string };
}

export interface HiddenRecord {
  readonly sourcedId: string;
  readonly why: 'removed' | 'unshared' | 'school' | 'tobedeleted';
}

interface Order {
  /** Index of the record at each position; below 0 an added one (-1 the first); null: position is index. */
  readonly positions: Int32Array | null;
  readonly added: readonly PlainRecord[];
}

export class SharedView {
  private readonly orders = new Map<string, Order>();
  private editsByIndex = new Map<EntityType, ReadonlyMap<number, Edit>>();

  constructor(
    private readonly roster: Roster,
    private readonly state: SharingState,
  ) {
    this.refresh();
  }

  /** To be called after every change of the state. */
  refresh(): void {
    this.orders.clear();
    this.editsByIndex = new Map(ENTITY_TYPES.map((type) => [type, this.indexEdits(type)]));
  }

  total(selection: Selection): number {
    return this.orderOf(selection).positions?.length ?? this.roster.count(selection.type);
  }

  /** Records at the positions from `offset`, at most `limit`. */
  slice(selection: Selection, offset: number, limit: number): PlainRecord[] {
    const { positions, added } = this.orderOf(selection);
    const end = Math.min(offset + limit, positions?.length ?? this.roster.count(selection.type));
    const records: PlainRecord[] = [];
    for (let position = offset; position < end; position += 1) {
      const index = positions === null ? position : (positions[position] ?? 0);
      const record = index < 0 ? added[-1 - index] : this.recordAt(selection.type, index);
      if (record) records.push(record);
    }
    return records;
  }

  /** The record as shared now, or null. */
  find(type: EntityType, sourcedId: string): PlainRecord | null {
    const record = this.known(type, sourcedId);
    return record && this.whyHidden(type, record) === null ? record : null;
  }

  /** The record whether it is shared or not, or null if there never was one. */
  known(type: EntityType, sourcedId: string): PlainRecord | null {
    const index = this.roster.indexOf(type, sourcedId);
    if (index >= 0) return this.recordAt(type, index);
    const edit = this.state.edits[type].get(sourcedId);
    return edit?.added ? layOver(edit.added, edit) : null;
  }

  /** Records that were there once and are not shared now, or are listed as `tobedeleted`. */
  hidden(type: EntityType): HiddenRecord[] {
    const hidden: HiddenRecord[] = [];
    const note = (record: PlainRecord): void => {
      const why = this.whyHidden(type, record) ?? (record.status === 'tobedeleted' ? 'tobedeleted' : null);
      if (why) hidden.push({ sourcedId: record.sourcedId, why });
    };
    for (let index = 0; index < this.roster.count(type); index += 1) note(this.recordAt(type, index));
    for (const record of this.additions(type)) note(record);
    return hidden;
  }

  private recordAt(type: EntityType, index: number): PlainRecord {
    const { changes } = this.state;
    const edit = this.editsByIndex.get(type)?.get(index);
    const base = edit?.added ?? this.roster.recordAt(type, index);
    const record = changes.length === 0 ? base : revise(type, index, base, changes);
    return edit ? layOver(record, edit) : record;
  }

  private indexEdits(type: EntityType): ReadonlyMap<number, Edit> {
    const edits = new Map<number, Edit>();
    for (const [id, edit] of this.state.edits[type]) {
      const index = this.roster.indexOf(type, id);
      if (index >= 0) edits.set(index, edit);
    }
    return edits;
  }

  /** Records that only the edits know, in order of id, hidden ones among them. */
  private additions(type: EntityType): PlainRecord[] {
    const added: PlainRecord[] = [];
    for (const [id, edit] of this.state.edits[type]) {
      if (edit.added && this.roster.indexOf(type, id) < 0) added.push(layOver(edit.added, edit));
    }
    return added.sort((a, b) => (a.sourcedId < b.sourcedId ? -1 : 1));
  }

  private whyHidden(type: EntityType, record: PlainRecord): 'removed' | 'unshared' | 'school' | null {
    const hidden = this.state.edits[type].get(record.sourcedId)?.hidden;
    if (hidden) return hidden;
    // Demographics name no school: they go and come with their user.
    const holder = type === 'demographics' ? this.known('users', record.sourcedId) : record;
    const holderType = type === 'demographics' ? 'users' : type;
    return holder && hangsOnSchools(holderType, holder, this.state.unsharedSchools) ? 'school' : null;
  }

  private orderOf(selection: Selection): Order {
    const key = `${selection.type}/${selection.only?.value ?? ''}`;
    const made = this.orders.get(key);
    if (made) return made;
    const order = this.makeOrder(selection);
    this.orders.set(key, order);
    return order;
  }

  private makeOrder({ type, only }: Selection): Order {
    const { unsharedSchools, edits } = this.state;
    const isShown = (record: PlainRecord): boolean =>
      this.whyHidden(type, record) === null && (only === undefined || record[only.attribute] === only.value);
    const added = this.additions(type).filter(isShown);
    const mayHide = [...edits[type].values()].some(({ hidden }) => hidden !== undefined);
    if (added.length === 0 && !mayHide && unsharedSchools.size === 0 && !only)
      return { positions: null, added };

    const reads = unsharedSchools.size > 0 || only !== undefined;
    const hiddenByEdit = this.editsByIndex.get(type);
    const count = this.roster.count(type);
    const places = added.map(({ sourcedId }) => this.placeOf(type, sourcedId));
    const positions = new Int32Array(count + added.length);
    let length = 0;
    let nextAdded = 0;
    for (let index = 0; index <= count; index += 1) {
      while (places[nextAdded] === index) positions[length++] = -1 - nextAdded++;
      if (index === count) break;
      const isIn = reads
        ? isShown(this.recordAt(type, index))
        : hiddenByEdit?.get(index)?.hidden === undefined;
      if (isIn) positions[length++] = index;
    }
    return { positions: positions.subarray(0, length), added };
  }

  /** Index of the first record of the roster behind the id. */
  private placeOf(type: EntityType, sourcedId: string): number {
    let low = 0;
    let high = this.roster.count(type);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.roster.idAt(type, middle) < sourcedId) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
