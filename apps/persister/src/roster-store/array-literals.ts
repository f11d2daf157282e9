/*
 * Rows travel to Postgres as one array per column, each in the text form of an array: half the server's work of the
 * same rows as JSON. A value that is not what its column holds is sent as its JSON, and it is Postgres that refuses it.
 */

/** The text of one value in an array of its column's type; of a list, the text of an array. */
export type Cell = string | null;

const ESCAPED = /["\\]/g;

/** `{"a","b",NULL}` */
export function toArrayLiteral(cells: readonly Cell[]): string {
  let text = '';
  for (const cell of cells) text += cell === null ? ',NULL' : `,"${escape(cell)}"`;
  return `{${text.slice(1)}}`;
}

/** Of a text, boolean, number or date. */
export function toCell(value: unknown): Cell {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? null : JSON.stringify(value);
}

export function toJsonCell(value: unknown): Cell {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** Of a list of texts. */
export function toListCell(value: unknown): Cell {
  if (!Array.isArray(value)) return toJsonCell(value);
  return value.every((element) => typeof element === 'string')
    ? toArrayLiteral(value)
    : JSON.stringify(value);
}

function escape(text: string): string {
  return text.includes('"') || text.includes('\\') ? text.replace(ESCAPED, '\\$&') : text;
}
