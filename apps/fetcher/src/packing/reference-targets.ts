import type { EntityType } from '#contracts';

const FIRST_SLOTS = 64;
const MAX_LOAD = 0.75;

/**
 * Ids that references may point to, 4 bytes a slot. About n / 2^32 of the ids that were never added are taken for
 * known (n: how many were), far below what the share of open references is judged by.
 */
export class ReferenceTargets {
  private readonly types = new Map<EntityType, HashTable>();

  add(type: EntityType, gg4lId: string): void {
    let table = this.types.get(type);
    if (table === undefined) this.types.set(type, (table = new HashTable()));
    table.add(hash32(gg4lId));
  }

  has(type: EntityType, gg4lId: string): boolean {
    return this.types.get(type)?.has(hash32(gg4lId)) ?? false;
  }
}

class HashTable {
  private size = 0;
  private slots = new Uint32Array(FIRST_SLOTS);

  add(hash: number): void {
    const at = this.find(hash);
    if (this.slots[at] === hash) return;
    this.slots[at] = hash;
    this.size += 1;
    if (this.size > this.slots.length * MAX_LOAD) this.grow();
  }

  has(hash: number): boolean {
    return this.slots[this.find(hash)] === hash;
  }

  private find(hash: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = hash & mask;
    while (slots[at] !== 0 && slots[at] !== hash) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Uint32Array(old.length * 2);
    for (const hash of old) if (hash !== 0) this.slots[this.find(hash)] = hash;
  }
}

/** FNV-1a over UTF-16 units with a final mix; never 0. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}
