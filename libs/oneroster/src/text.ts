const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;
const NUL_OR_SURROGATE = /[\0\ud800-\udfff]/;
const NUL = /\0/g;
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

/** Text as UTF-8 and Postgres can carry it: without U+0000, and U+FFFD for each lone surrogate. */
export function cleanText(text: string): string {
  if (!NUL_OR_SURROGATE.test(text)) return text;
  return text.replace(NUL, '').replace(LONE_SURROGATE, '\ufffd');
}

/** The JSON string of a cleaned text. */
export function quote(text: string): string {
  return NEEDS_CARE.test(text) ? JSON.stringify(cleanText(text)) : `"${text}"`;
}

export function quoteList(texts: readonly string[]): string {
  return texts.length === 1 ? `[${quote(texts[0] ?? '')}]` : `[${texts.map(quote).join(',')}]`;
}

/** Sorts in UTF-16 order, in place, and returns the texts each once. */
export function sortedOnce(texts: string[]): readonly string[] {
  if (texts.length < 2) return texts;
  return texts.sort().filter((text, n) => n === 0 || text !== texts[n - 1]);
}
