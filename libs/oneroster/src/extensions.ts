import {
  cleanFirst,
  isObject,
  writeMembers,
  writeSet,
  writeValue,
  type Member,
  type Source,
} from './canonical-json.js';
import type { Allowed } from './allow-list.js';
import type { CompiledTable } from './compiled-table.js';
import { INEXACT, TOO_DEEP, type Warning } from './warnings.js';

/** What reading the attributes left for the extensions, and what is left of them. */
export interface ExtensionNotes {
  readonly kept: readonly Member[];
  readonly usedAliases: readonly string[];
  readonly warnings: Warning[];
  readonly allowed: Allowed | undefined;
}

/**
 * JSON of what the tables do not know: `kept` (values that do not fit their attribute), unknown attributes by name,
 * and the source's metadata under `metadata`. A source's own `extensions` are merged in, so that a canonical record
 * reads as itself. Of all of them only what is allowed.
 */
export function writeExtensions(
  table: CompiledTable,
  source: Source,
  { kept, usedAliases, warnings, allowed }: ExtensionNotes,
): string | undefined {
  const members = [...kept, ...unknownMembers(table, source, usedAliases), ...metadataAndExtensions(source)];
  if (members.length === 0) return undefined;
  const notes = { tooDeep: false, inexact: false };
  return writeMembers(members, (name, unfiltered) => {
    const value = allowed === undefined ? unfiltered : allowed.ofExtension(name, unfiltered);
    const isKept = kept.some(([own]) => own === name);
    // No list of an attribute has an order.
    const isSet = (isKept || table.unorderedExtensions.has(name)) && Array.isArray(value);
    const text = isSet ? writeSet(value as unknown[], 1, notes) : writeValue(value, 1, notes);
    if (notes.tooDeep) warnings.push({ attribute: name, reason: TOO_DEEP });
    // Of what did not fit its attribute that was said already.
    if (notes.inexact && !isKept) warnings.push({ attribute: name, reason: INEXACT });
    notes.tooDeep = notes.inexact = false;
    return text;
  });
}

function unknownMembers(
  table: CompiledTable,
  source: Source,
  usedAliases: readonly string[],
): readonly Member[] {
  const unknown: Member[] = [];
  for (const key of Object.keys(source)) {
    if (!table.known.has(key) && !usedAliases.includes(key)) unknown.push([key, source[key]]);
  }
  return cleanFirst(unknown);
}

function metadataAndExtensions(source: Source): readonly Member[] {
  const { metadata, extensions } = source;
  if (!isObject(extensions))
    return [
      ['metadata', metadata],
      ['extensions', extensions],
    ];
  const own = extensions.metadata;
  const merged = isObject(metadata) && isObject(own) ? { ...own, ...metadata } : metadata;
  return [['metadata', merged], ...cleanFirst(Object.entries(extensions))];
}
