import type { EntityType } from '#contracts';
import { BROKEN, MISFIT, MISFIT_REASONS, readReferences, readValue } from './attribute-readers.js';
import type { Member, Source, WriteNotes } from './canonical-json.js';
import type { Slot } from './compiled-table.js';
import { TOO_DEEP, type Warning } from './extensions.js';
import { quote, quoteList } from './text.js';

export interface Reference {
  readonly type: EntityType;
  readonly gg4lId: string;
}

/** What reading the attributes gathers on its way. */
export interface Gathered extends WriteNotes {
  schoolIds: readonly string[];
  /** The first attribute whose value breaks its kind. */
  broken: { readonly attribute: string; readonly reason: string } | undefined;
  readonly references: Reference[];
  readonly kept: Member[];
  readonly usedAliases: string[];
  readonly warnings: Warning[];
}

/** The members that hold a value, in the order of the slots. */
export function readSlots(slots: readonly Slot[], source: Source, gathered: Gathered): string {
  let text = '';
  for (const slot of slots) {
    const reading = readSlot(slot, source, gathered);
    if (reading === BROKEN) {
      gathered.broken ??= { attribute: slot.name, reason: brokenReason(slot) };
      return text;
    }
    if (reading !== undefined) text += (text === '' ? '' : ',') + slot.keyText + reading;
  }
  return text;
}

function brokenReason({ kind }: Slot): string {
  return kind === 'reference' || kind === 'references'
    ? 'not a reference'
    : 'a structure where a plain value belongs';
}

function readSlot(slot: Slot, source: Source, gathered: Gathered): string | undefined | typeof BROKEN {
  let reading = readHeld(slot, source[slot.name], gathered);
  for (const alias of reading === undefined ? (slot.aliases ?? []) : []) {
    reading = readHeld(slot, source[alias], gathered);
    if (reading !== undefined) {
      gathered.usedAliases.push(alias);
      break;
    }
  }
  return reading ?? (slot.otherwise ? readHeld(slot, slot.otherwise(source), gathered) : undefined);
}

/** JSON of one value; `undefined` if it holds nothing, or does not fit and is kept for `extensions`. */
function readHeld(slot: Slot, value: unknown, gathered: Gathered): string | undefined | typeof BROKEN {
  if (value === undefined || value === null) return undefined;
  const { kind, name } = slot;
  if (kind === 'reference' || kind === 'references') return readHeldReferences(slot, value, gathered);
  const reading = readValue(kind, value, gathered);
  if (gathered.tooDeep) gathered.warnings.push({ attribute: name, reason: TOO_DEEP });
  gathered.tooDeep = false;
  if (reading !== MISFIT) return reading;
  gathered.kept.push([name, value]);
  gathered.warnings.push({ attribute: name, reason: MISFIT_REASONS[kind] });
  return undefined;
}

function readHeldReferences(
  slot: Slot,
  value: unknown,
  gathered: Gathered,
): string | undefined | typeof BROKEN {
  const ids = readReferences(value);
  if (ids === BROKEN) return BROKEN;
  const [first] = ids;
  if (first === undefined) return undefined;
  if (slot.kind === 'reference' && ids.length > 1) return BROKEN;
  if (slot.namesSchool) gathered.schoolIds = ids;
  if (slot.checked !== undefined)
    for (const gg4lId of ids) gathered.references.push({ type: slot.checked, gg4lId });
  return slot.kind === 'reference' ? quote(first) : quoteList(ids);
}
