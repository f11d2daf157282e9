/*
 * How values look that School Passport's Privacy Shield has masked, by its public documentation. Only counted, so that a
 * plan which updates everybody can be explained; nothing is decided by it. One in 180 people was really born on a day
 * that stands for masked ones, and phone digits replaced by random ones look like any other: shares tell, not values.
 */
export type MaskKind = 'name' | 'address' | 'number' | 'name or address' | 'birth date';

/** `D-ggl'abcdefg`: initial, which name it stands for (l, f, m, u), random letters; older: `R***`. */
const NAME = /^\p{L}?(?:-gg[a-z]['\u2019]|\*{3})/u;
const ADDRESS = /@gg4l\.(?:io|com)$/i;
const LONGEST_DOMAIN = '@gg4l.com'.length;
const HYPHEN = 45;
const ASTERISK = 42;
/** Signs, or one and the same digit in the place of all. */
const NUMBER = /\*{3}|[xX]{3}|#{3}|^\D*(\d)(?:[^\d]{0,3}\1){6,}\D*$/;
const LONGEST_NUMBER = 64;
/** The year stays; the day becomes the 1st of January or of September. */
const BIRTH_DATE = /^\s*\d{4}-0[19]-01(?!\d)/;

export function isMasked(kind: MaskKind, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  switch (kind) {
    case 'name':
      return isMaskedName(value);
    case 'address':
      return isMaskedAddress(value);
    case 'number':
      return value.length <= LONGEST_NUMBER && NUMBER.test(value);
    case 'name or address':
      return isMaskedName(value) || isMaskedAddress(value);
    case 'birth date':
      return BIRTH_DATE.test(value);
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
