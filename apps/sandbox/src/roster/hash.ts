/** A well-spread unsigned 32-bit number from two numbers, the same in every run. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul((b + 0x7f4a7c15) | 0, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
const scratch = Buffer.from('00000000-0000-0000-0000-000000000000', 'latin1');

/** Writes four hex digits. */
function put(at: number, value: number): void {
  for (let digit = 0; digit < 4; digit += 1) {
    scratch[at + digit] = DIGITS[(value >>> (12 - 4 * digit)) & 15] ?? 0;
  }
}

/** The UUID whose first eight digits are `prefix` and whose rest follows from the two numbers. */
export function uuid(prefix: number, a: number, b: number): string {
  const first = mix(a, b);
  const second = mix(b ^ 0x5bd1e995, a);
  put(0, prefix >>> 16);
  put(4, prefix);
  put(9, first);
  put(14, ((first >>> 16) & 0xfff) | 0x4000);
  put(19, (second & 0x3fff) | 0x8000);
  put(24, second >>> 16);
  put(28, first ^ second);
  put(32, first >>> 13);
  return scratch.toString('latin1', 0, 36);
}

const MAX_KEPT = 10_000;

/** Ids of one collection that ascend with the index, so that a page by offset is a page by id. */
export class IdSpace {
  private readonly step: number;
  /** Ids that many records refer to, schools above all. */
  private readonly kept: string[] = [];

  constructor(
    private readonly salt: number,
    readonly count: number,
  ) {
    this.step = Math.floor(0x1_0000_0000 / Math.max(1, count));
  }

  idAt(index: number): string {
    if (this.count > MAX_KEPT) return this.make(index);
    return (this.kept[index] ??= this.make(index));
  }

  indexOf(sourcedId: string): number {
    const index = Math.floor(Number.parseInt(sourcedId.slice(0, 8), 16) / this.step);
    return index >= 0 && index < this.count && this.idAt(index) === sourcedId ? index : -1;
  }

  private make(index: number): string {
    const within = mix(this.salt, index);
    return uuid(index * this.step + (within % this.step), this.salt, index);
  }
}
