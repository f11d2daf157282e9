/*
 * The Link header is never followed: a server may write another origin, a row too far, or a page behind the last. It
 * is only looked at, to tell whoever connects the server what other clients would stumble over.
 */
import type { Quirk } from './quirks.js';

export interface PagePlace {
  /** Of the collection, without query. */
  readonly url: string;
  /** Offset of the first row behind the page. */
  readonly end: number;
  readonly isLast: boolean;
}

const LINK = /(?:<([^>]*)>|([^\s<>,;][^\s<>;]*))((?:\s*;\s*[^;,<>]+)+)/g;
/** The expression takes the square of a header's length, and nobody needs a longer one. */
const MAX_LENGTH = 2048;
const REL_NEXT = /;\s*rel\s*=\s*"?\s*next\b/i;

/** What is wrong with the header's `next`; nothing where it has none. */
export function linkQuirks(header: string | undefined, { url, end, isLast }: PagePlace): readonly Quirk[] {
  if (header === undefined || header.length > MAX_LENGTH) return [];
  for (const [, bracketed, bare, parameters = ''] of header.matchAll(LINK)) {
    if (!REL_NEXT.test(parameters)) continue;
    const found: Quirk[] = bracketed === undefined ? ['Link without brackets'] : [];
    if (isLast) found.push('Link beyond the end');
    const target = parse(bracketed ?? bare ?? '', url);
    const here = new URL(url);
    if (target?.origin !== here.origin || target.pathname !== here.pathname) {
      return [...found, 'Link to another place'];
    }
    return Number(target.searchParams.get('offset')) > end ? [...found, 'Link that skips rows'] : found;
  }
  return [];
}

function parse(text: string, base: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}
