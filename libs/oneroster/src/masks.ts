/*
 * How values look that School Passport's Privacy Shield has masked. Only counted, so that a plan which updates
 * everybody can be explained; nothing is decided by it. Replaced days of birth and digits look like any other.
 */
export type MaskKind = 'name' | 'address' | 'number' | 'name or address';

/** `D-ggl'abcdefg`: initial, which name it stands for (l, f, m, u), random letters; older: `R***`. */
const NAME = /^\p{L}?(?:-gg[a-z]['\u2019]|\*{3})/u;
const ADDRESS = /@gg4l\.(?:io|com)$/i;
const NUMBER = /\*{3}|[xX]{3}|#{3}/;

export function isMasked(kind: MaskKind, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  switch (kind) {
    case 'name':
      return NAME.test(value);
    case 'address':
      return ADDRESS.test(value);
    case 'number':
      return NUMBER.test(value);
    case 'name or address':
      return NAME.test(value) || ADDRESS.test(value);
  }
}
