import {
  decodeChangeKey,
  decodeChangeMessage,
  decodeWatermarkKey,
  MalformedMessageError,
  UnknownTypeError,
  type ChangeMessage,
  type EntityType,
  type Fence,
  type RecordEvent,
  type ArchivedEvent,
  type ChangeVerb,
  type Watermark,
} from '#contracts';

/** A message as it lies in a change topic. */
export interface StoredMessage {
  readonly offset: bigint;
  /** Names what a tombstone is of; nothing else needs it. */
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
}

export interface ChangeEntry {
  readonly kind: 'change';
  readonly offset: bigint;
  readonly districtId: string;
  readonly verb: ChangeVerb;
  readonly event: RecordEvent | ArchivedEvent;
  /** As read, for a dead letter. */
  readonly value: Buffer;
}

/** A null value: what its key names is gone for good. Without a district the key names nothing that can be held. */
export interface TombstoneEntry {
  readonly kind: 'tombstone';
  readonly offset: bigint;
  readonly districtId?: string;
  /** Absent: of the district's watermark. */
  readonly gg4lId?: string;
}

/** A message of a change topic at its place, understood or not. */
export type Entry =
  | ChangeEntry
  | {
      readonly kind: 'watermark';
      readonly offset: bigint;
      readonly districtId: string;
      readonly event: Watermark;
    }
  | { readonly kind: 'fence'; readonly offset: bigint; readonly event: Fence }
  | TombstoneEntry
  /** A well-formed event of a type that came later: nothing is to be done. */
  | { readonly kind: 'unknown'; readonly offset: bigint; readonly type: string }
  | { readonly kind: 'malformed'; readonly offset: bigint; readonly reason: string; readonly value: Buffer };

/** Decodes messages of the change topic of one type; what cannot be read, or is of another type, is `malformed`. */
export function decodeEntries(entityType: EntityType, messages: readonly StoredMessage[]): Entry[] {
  return messages.map(({ offset, key, value }) =>
    value === null ? toTombstone(entityType, offset, key) : decodeEntry(entityType, offset, value),
  );
}

/** No record has an id with U+0000, and databases refuse the question already. */
export function isUsableName(name: string): boolean {
  return !name.includes('\0');
}

function toTombstone(entityType: EntityType, offset: bigint, key: StoredMessage['key']): TombstoneEntry {
  const name = key?.toString() ?? '';
  // What is no UTF-8 reads as the id of another record.
  if (!isUsableName(name) || key?.equals(Buffer.from(name)) !== true) return { kind: 'tombstone', offset };
  const watermarkOf = decodeWatermarkKey(name);
  if (watermarkOf !== null) return { kind: 'tombstone', offset, districtId: watermarkOf };
  const record = decodeChangeKey(name);
  if (record?.entityType !== entityType) return { kind: 'tombstone', offset };
  const { districtId, gg4lId } = record;
  return { kind: 'tombstone', offset, districtId, gg4lId };
}

function decodeEntry(entityType: EntityType, offset: bigint, value: Buffer): Entry {
  let message: ChangeMessage;
  try {
    message = decodeChangeMessage(value);
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    if (error instanceof UnknownTypeError && error.entityType === entityType)
      return { kind: 'unknown', offset, type: error.type };
    return { kind: 'malformed', offset, reason: error.message, value };
  }
  if (message.entityType !== entityType) {
    return { kind: 'malformed', offset, reason: `change message: not of ${entityType}`, value };
  }
  switch (message.kind) {
    case 'change': {
      const { districtId, verb, event } = message;
      return { kind: 'change', offset, districtId, verb, event, value };
    }
    case 'watermark':
      return { kind: 'watermark', offset, districtId: message.districtId, event: message.event };
    case 'fence':
      return { kind: 'fence', offset, event: message.event };
  }
}
