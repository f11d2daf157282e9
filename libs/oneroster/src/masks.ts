/*
 * How values look that School Passport's Privacy Shield has masked. Only counted, so that a plan which updates
 * everybody can be explained; nothing is decided by it. Replaced days of birth and digits look like any other.
 */
export type MaskKind = 'name' | 'address' | 'number' | 'name or address';

/** `D-ggl'abcdefg`: initial, which name it stands for (l, f, m, u), random letters; older: `R***`. */
const NAME = /^\p{L}?(?:-gg[a-z]['\u2019]|\*{3})/u;
const ADDRESS = /@gg4l\.(?:io|com)$/i;
const LONGEST_DOMAIN = '@gg4l.com'.length;
const HYPHEN = 45;
const ASTERISK = 42;
const NUMBER = /\*{3}|[xX]{3}|#{3}/;

export function isMasked(kind: MaskKind, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  switch (kind) {
    case 'name':
      return isMaskedName(value);
    case 'address':
      return isMaskedAddress(value);
    case 'number':
      return NUMBER.test(value);
    case 'name or address':
      return isMaskedName(value) || isMaskedAddress(value);
  }
}

/* Hardly any value is masked, and every user has five that could be: a look at a character spares the expression. */

function isMaskedName(value: string): boolean {
  return (isMaskSign(value.charCodeAt(0)) || isMaskSign(value.charCodeAt(1))) && NAME.test(value);
}

function isMaskSign(code: number): boolean {
  return code === HYPHEN || code === ASTERISK;
}

function isMaskedAddress(value: string): boolean {
  const at = value.lastIndexOf('@');
  return at >= 0 && value.length - at <= LONGEST_DOMAIN && ADDRESS.test(value);
}
