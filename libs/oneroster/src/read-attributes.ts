import type { EntityType } from '#contracts';
import { BROKEN, MISFIT, MISFIT_REASONS, readReferences, readValue } from './attribute-readers.js';
import type { Member, Source, WriteNotes } from './canonical-json.js';
import type { Slot } from './compiled-table.js';
import type { ExtensionNotes } from './extensions.js';
import { isMasked } from './masks.js';
import { quote, quoteList } from './text.js';
import { INEXACT, TOO_DEEP } from './warnings.js';

export interface Reference {
  readonly type: EntityType;
  readonly gg4lId: string;
}

/** Whether a list of references is not to name this one, who was erased. */
export type LeftOut = (type: EntityType, gg4lId: string) => boolean;

/** What reading the attributes gathers on its way. */
export interface Gathered extends WriteNotes, ExtensionNotes {
  schoolIds: readonly string[];
  /** The first attribute whose value breaks its kind. */
  broken: { readonly attribute: string; readonly reason: string } | undefined;
  readonly references: Reference[];
  readonly kept: Member[];
  readonly usedAliases: string[];
  /** Privacy Shield has masked some value. */
  masked: boolean;
  readonly isLeftOut: LeftOut | undefined;
}

/** The members that hold a value, in the order of the slots. */
export function readSlots(slots: readonly Slot[], source: Source, gathered: Gathered): string {
  let text = '';
  for (const slot of slots) {
    if (gathered.allowed?.isAttribute(slot.name) === false) {
      noticeOnly(slot, source, gathered);
      continue;
    }
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

/**
 * An attribute that is not published cannot break a record, and its other spellings are no extensions. Where it names
 * the school, or somebody who must be there, that is still looked at.
 */
function noticeOnly(slot: Slot, source: Source, gathered: Gathered): void {
  gathered.usedAliases.push(...(slot.aliases ?? []));
  if (!slot.namesSchool && slot.checked === undefined) return;
  const held = source[slot.name] ?? slot.otherwise?.(source);
  if (held !== undefined && held !== null) readHeldReferences(slot, held, gathered);
}

function readSlot(slot: Slot, source: Source, gathered: Gathered): string | undefined | typeof BROKEN {
  const warned = gathered.warnings.length;
  const reading = readValueOf(slot, source, gathered);
  if (reading === undefined) {
    if (slot.required !== undefined && gathered.warnings.length === warned)
      noteAbsence(slot, source, gathered);
  } else if (slot.mask !== undefined && isMasked(slot.mask, heldIn(slot, source))) {
    gathered.masked = true;
    if (slot.required !== undefined) gathered.warnings.push(slot.masked);
  }
  return reading;
}

/** The value as it is spelled, by the attribute's own name or by an alias. */
function heldIn({ name, aliases }: Slot, source: Source): unknown {
  return source[name] ?? aliases?.map((alias) => source[alias]).find((value) => value !== undefined);
}

function noteAbsence(slot: Slot, source: Source, { warnings }: Gathered): void {
  if (source[slot.name] === undefined) warnings.push(slot.missing);
  else if (slot.required === 'value') warnings.push(slot.empty);
}

function readValueOf(slot: Slot, source: Source, gathered: Gathered): string | undefined | typeof BROKEN {
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
  if (gathered.inexact) gathered.warnings.push({ attribute: name, reason: INEXACT });
  gathered.tooDeep = gathered.inexact = false;
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
  const named = readReferences(value);
  if (named === BROKEN) return BROKEN;
  const { kind } = slot;
  const ids = gathered.isLeftOut === undefined ? named : withoutLeftOut(named, slot, gathered);
  const [first] = ids;
  if (first === undefined) return undefined;
  if (kind === 'reference' && ids.length > 1) return BROKEN;
  if (slot.namesSchool) gathered.schoolIds = ids;
  if (slot.checked !== undefined)
    for (const gg4lId of ids) gathered.references.push({ type: slot.checked, gg4lId });
  return kind === 'reference' ? quote(first) : quoteList(ids);
}

/** In another spelling the list is no extension either, once somebody of it is left out. */
function withoutLeftOut(
  named: readonly string[],
  { kind, to, aliases = [] }: Slot,
  { isLeftOut, usedAliases }: Gathered,
): readonly string[] {
  if (isLeftOut === undefined || kind !== 'references' || to === undefined) return named;
  const ids = named.filter((gg4lId) => !isLeftOut(to, gg4lId));
  if (ids.length < named.length) usedAliases.push(...aliases);
  return ids;
}
