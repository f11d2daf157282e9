import { randomUUID } from 'node:crypto';
import type { EntityType } from '#contracts';
import { ATTRIBUTES, type PlainRecord } from '../roster/plain-record.js';
import type { Edit, SharingState } from './sharing-state.js';
import type { SharedView } from './shared-view.js';

type Attributes = Readonly<Record<string, unknown>>;

export type EditCommand =
  | {
      readonly verb: 'edit';
      readonly type: EntityType;
      readonly sourcedId: string;
      readonly attributes?: Attributes;
      readonly wire?: Attributes;
    }
  | { readonly verb: 'add'; readonly type: EntityType; readonly record: Attributes }
  | {
      readonly verb: 'remove' | 'unshare' | 'reshare' | 'withdraw' | 'reinstate';
      readonly type: EntityType;
      readonly sourcedId: string;
    }
  | { readonly verb: 'unshare-school' | 'reshare-school'; readonly sourcedId: string }
  | { readonly verb: 'change-percent'; readonly percent: number; readonly types: readonly EntityType[] };

export class RefusedEditError extends Error {
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** Applies one command to the state; answers the record it made or changed, as far as it is one. */
export function applyEdit(
  state: SharingState,
  view: SharedView,
  command: EditCommand,
  at: string,
): string | null {
  switch (command.verb) {
    case 'add':
      return addRecord(state, view, command.type, command.record, at);
    case 'unshare-school':
      requireKnown(view, 'orgs', command.sourcedId);
      state.unsharedSchools.add(command.sourcedId);
      return command.sourcedId;
    case 'reshare-school':
      if (!state.unsharedSchools.delete(command.sourcedId)) {
        throw new RefusedEditError(409, 'this school is not unshared');
      }
      return command.sourcedId;
    case 'change-percent':
      if (!(command.percent > 0 && command.percent <= 100)) {
        throw new RefusedEditError(400, 'percent is above 0 and at most 100');
      }
      state.changes.push({ percent: command.percent, types: command.types, at });
      return null;
    case 'edit':
    case 'remove':
    case 'unshare':
    case 'reshare':
    case 'withdraw':
    case 'reinstate': {
      const edits = state.edits[command.type];
      requireKnown(view, command.type, command.sourcedId);
      edits.set(command.sourcedId, changedEdit(edits.get(command.sourcedId), command, at));
      return command.sourcedId;
    }
  }
}

type RecordCommand = Extract<EditCommand, { readonly type: EntityType; readonly sourcedId: string }>;

function changedEdit(before: Edit | undefined, command: RecordCommand, modifiedAt: string): Edit {
  const edit: Edit = { ...before, modifiedAt };
  switch (command.verb) {
    case 'edit': {
      checkAttributes(command.type, command.attributes ?? {});
      const attributes = { ...edit.attributes, ...command.attributes };
      return { ...edit, attributes, ...(command.wire ? { wire: { ...edit.wire, ...command.wire } } : {}) };
    }
    case 'remove':
      return { ...edit, hidden: 'removed' };
    case 'unshare':
      return { ...edit, hidden: 'unshared' };
    case 'withdraw':
      return { ...edit, withdrawn: true };
    case 'reshare':
      return { ...edit, hidden: undefined };
    case 'reinstate':
      return { ...edit, withdrawn: false };
  }
}

function addRecord(
  state: SharingState,
  view: SharedView,
  type: EntityType,
  attributes: Attributes,
  at: string,
): string {
  const { sourcedId = randomUUID(), ...rest } = attributes;
  if (!isText(sourcedId) || sourcedId === '') {
    throw new RefusedEditError(400, 'sourcedId is a text of at least one character');
  }
  checkAttributes(type, rest);
  if (view.find(type, sourcedId)) throw new RefusedEditError(409, 'a record with this sourcedId is shared');
  const values = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  const added: PlainRecord = { ...values, sourcedId, status: 'active', dateLastModified: at };
  state.edits[type].set(sourcedId, { added, modifiedAt: at });
  return sourcedId;
}

function requireKnown(view: SharedView, type: EntityType, sourcedId: string): void {
  if (!view.known(type, sourcedId)) throw new RefusedEditError(404, 'no record with this sourcedId');
}

/** A misspelt attribute or a value of another kind would make a test that cannot fail: `wire` is for those. */
function checkAttributes(type: EntityType, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) continue;
    if (!isOfKind(kindOf(type, name), value)) {
      throw new RefusedEditError(400, `${name} is not an attribute of ${type} with such a value`);
    }
  }
}

function kindOf(type: EntityType, name: string): 'text' | 'boolean' | 'texts' | 'objects' | 'object' | null {
  if (name === 'extensions') return 'object';
  const kind = ATTRIBUTES[type].find((attribute) => attribute.name === name)?.kind;
  switch (kind) {
    case undefined:
      return null;
    case 'text':
    case 'reference':
      return 'text';
    case 'boolean':
    case 'booleanText':
      return 'boolean';
    case 'list':
    case 'references':
      return 'texts';
    case 'userIds':
      return 'objects';
  }
}

function isOfKind(kind: ReturnType<typeof kindOf>, value: unknown): boolean {
  switch (kind) {
    case null:
      return false;
    case 'text':
      return isText(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'texts':
      return Array.isArray(value) && value.every(isText);
    case 'objects':
      return Array.isArray(value) && value.every((element) => typeof element === 'object');
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
  }
}

/** A lone surrogate cannot travel in an `href`. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !/\p{Surrogate}/u.test(value);
}
