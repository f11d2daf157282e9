const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether JSON text nests deeper than this. Looked at before it is parsed: the parser would take memory for each level,
 * and whatever walks the values later would run out of stack.
 */
export function isDeeperThan(text: Buffer, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case 0x22: // "
        at = endOfString(text, at + 1);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > most) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      default:
    }
  }
  return false;
}

/** Where the closing quote is: the first one that no odd number of backslashes is before. */
function endOfString(text: Buffer, from: number): number {
  for (let at = from; ; at += 1) {
    at = text.indexOf(QUOTE, at);
    if (at < 0) return text.length;
    let before = at;
    while (before > from && text[before - 1] === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
}
