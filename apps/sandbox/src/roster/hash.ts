/** A well-spread unsigned 32-bit number from two numbers, the same in every run. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul((b + 0x7f4a7c15) | 0, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const HEX = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));
const hex = (value: number): string => HEX[value & 0xffff] ?? '';

/** The UUID whose first eight digits are `prefix` and whose rest follows from the two numbers. */
export function uuid(prefix: number, a: number, b: number): string {
  const first = mix(a, b);
  const second = mix(b ^ 0x5bd1e995, a);
  return (
    `${hex(prefix >>> 16)}${hex(prefix)}-${hex(first)}-${hex(((first >>> 16) & 0xfff) | 0x4000)}` +
    `-${hex((second & 0x3fff) | 0x8000)}-${hex(second >>> 16)}${hex(first ^ second)}${hex(first >>> 13)}`
  );
}

/** Ids of one collection that ascend with the index, so that a page by offset is a page by id. */
export class IdSpace {
  private readonly step: number;

  constructor(
    private readonly salt: number,
    readonly count: number,
  ) {
    this.step = Math.floor(0x1_0000_0000 / Math.max(1, count));
  }

  idAt(index: number): string {
    const within = mix(this.salt, index);
    return uuid(index * this.step + (within % this.step), this.salt, index);
  }

  indexOf(sourcedId: string): number {
    const index = Math.floor(Number.parseInt(sourcedId.slice(0, 8), 16) / this.step);
    return index >= 0 && index < this.count && this.idAt(index) === sourcedId ? index : -1;
  }
}
