/* The keys of one district under one epoch, in memory. */
import type { EntityType } from '#contracts';
import type { DistrictView, IndexEntry } from '../src/reconciliation/index-state.js';

export type Marked = 'seen' | 'withdrawn' | 'stale';

export const UNKNOWN: DistrictView = { snapshot: null, reports: {}, digests: {}, archived: {} };

export class TypeKeys {
  entries = new Map<string, IndexEntry>();
  active = new Set<string>();
  /** By name and generation. */
  marks = new Map<string, Set<string>>();

  copy(): TypeKeys {
    const copy = new TypeKeys();
    copy.entries = new Map(this.entries);
    copy.active = new Set(this.active);
    for (const [name, ids] of this.marks) copy.marks.set(name, new Set(ids));
    return copy;
  }

  marked(name: Marked, generation: number): Set<string> {
    const key = `${name} ${String(generation)}`;
    let ids = this.marks.get(key);
    if (ids === undefined) this.marks.set(key, (ids = new Set()));
    return ids;
  }

  /** Without making it. */
  has(name: Marked, generation: number): ReadonlySet<string> | undefined {
    return this.marks.get(`${name} ${String(generation)}`);
  }

  unseen(generation: number): Set<string> {
    const seen = this.has('seen', generation);
    const unseen = new Set<string>();
    for (const id of this.active) if (!seen?.has(id)) unseen.add(id);
    return unseen;
  }
}

export class DistrictKeys {
  view: DistrictView = UNKNOWN;
  readonly types = new Map<EntityType, TypeKeys>();

  copy(): DistrictKeys {
    const copy = new DistrictKeys();
    copy.view = this.view;
    for (const [type, keys] of this.types) copy.types.set(type, keys.copy());
    return copy;
  }

  of(entityType: EntityType): TypeKeys {
    let keys = this.types.get(entityType);
    if (keys === undefined) this.types.set(entityType, (keys = new TypeKeys()));
    return keys;
  }
}
