/*
 * Which ids of a collection were met, and with what content: 12 bytes a slot (8 of the record's hash, 4 of its
 * content) in open addressing over typed arrays, because a JS Set of ten million strings takes a gigabyte. It grows
 * by a fifth, not twofold, so that an id never takes more than 16 bytes; split into shards, so that growing copies a
 * sixteenth at a time.
 */
export type Met = 'first' | 'same' | 'different';

const SHARDS = 16;
const WORDS = 3;
/** A small collection costs next to nothing. */
const FIRST_SLOTS = 4;
const MAX_LOAD = 0.9;
/** MAX_LOAD / GROWTH of the slots are in use after growing: 12 bytes a slot are then 15.9 an id. */
const GROWTH = 1.19;
const TWO_TO_32 = 2 ** 32;

export class IdSet {
  private readonly shards = Array.from({ length: SHARDS }, () => new Shard());

  /** `hash` has 8 bytes, `content` 32 bits. What is kept is the content met first. */
  meet(hash: Buffer, content: number): Met {
    const high = hash.readUInt32BE(0);
    // No slot in use may look empty.
    const low = hash.readUInt32BE(4) || 1;
    return (this.shards[high >>> 28] as Shard).meet(high, low, content);
  }

  has(hash: Buffer): boolean {
    const high = hash.readUInt32BE(0);
    return (this.shards[high >>> 28] as Shard).has(high, hash.readUInt32BE(4) || 1);
  }

  get size(): number {
    return this.shards.reduce((sum, shard) => sum + shard.size, 0);
  }

  get bytes(): number {
    return this.shards.reduce((sum, shard) => sum + shard.bytes, 0);
  }
}

class Shard {
  size = 0;
  private slots = FIRST_SLOTS;
  private words = new Uint32Array(FIRST_SLOTS * WORDS);

  get bytes(): number {
    return this.words.byteLength;
  }

  meet(high: number, low: number, content: number): Met {
    const at = this.find(high, low);
    if (this.words[at + 1] !== 0) return this.words[at + 2] === content ? 'same' : 'different';
    this.words[at] = high;
    this.words[at + 1] = low;
    this.words[at + 2] = content;
    this.size += 1;
    if (this.size > this.slots * MAX_LOAD) this.grow();
    return 'first';
  }

  has(high: number, low: number): boolean {
    return this.words[this.find(high, low) + 1] !== 0;
  }

  /** Index of the slot that holds the hash, or of the empty one where it belongs. */
  private find(high: number, low: number): number {
    const { words, slots } = this;
    let slot = Math.floor((low / TWO_TO_32) * slots);
    for (;;) {
      const at = slot * WORDS;
      const held = words[at + 1];
      if (held === 0 || (held === low && words[at] === high)) return at;
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
  }

  private grow(): void {
    const old = this.words;
    this.slots = Math.ceil(this.slots * GROWTH);
    this.words = new Uint32Array(this.slots * WORDS);
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + 1] === 0) continue;
      const at = this.find(old[from] as number, old[from + 1] as number);
      this.words.set(old.subarray(from, from + WORDS), at);
    }
  }
}
