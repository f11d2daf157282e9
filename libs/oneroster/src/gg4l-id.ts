/** Longest GG4L ID, in UTF-16 code units. */
export const MAX_GG4L_ID_LENGTH = 255;

/** What UTF-8 and Postgres cannot carry: U+0000 and lone surrogates. Repairing it would make two ids one. */
const UNUSABLE = /[\0\ud800-\udfff]/u;

/**
 * Reads an opaque, case-sensitive identifier; never trimmed. A safe integer is read as its decimals. `undefined` is
 * no usable id: any other type, empty, too long, U+0000 or a lone surrogate.
 */
export function readGg4lId(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_GG4L_ID_LENGTH) return undefined;
  return UNUSABLE.test(value) ? undefined : value;
}
