/* Messages of the change topics to bytes and back, by their schemas. */
import { hash } from 'node:crypto';
import {
  ArchivedEvent,
  Fence,
  RecordEvent,
  Watermark,
  type ChangeCause,
  type ChangeVerb,
} from './change-schemas.js';
import { ENTITY_TYPES, isEntityType, type EntityType } from './entity-types.js';
import { NO_SCHOOL } from './hashes.js';
import { checker, MalformedMessageError, parseJson } from './validation.js';

/** A message of a change topic, decoded. */
export type ChangeMessage =
  | {
      readonly kind: 'change';
      readonly verb: ChangeVerb;
      readonly districtId: string;
      readonly entityType: EntityType;
      readonly event: RecordEvent | ArchivedEvent;
    }
  | {
      readonly kind: 'watermark';
      readonly districtId: string;
      readonly entityType: EntityType;
      readonly event: Watermark;
    }
  | { readonly kind: 'fence'; readonly entityType: EntityType; readonly event: Fence };

/** What an event is made from. */
export interface Change {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly gg4lId: string;
  readonly verb: ChangeVerb;
  readonly generation: number;
  readonly epoch: number;
  readonly time: string;
  /** 16 bytes; of an archive the last one known. */
  readonly fingerprint: Buffer;
  /** 8 bytes; `NO_SCHOOL` if none. */
  readonly schoolHash: Buffer;
  readonly cause?: ChangeCause;
  /** Of `updated` and `restored`, where it is known: names of the attributes that are other, new or gone, sorted. */
  readonly changed?: readonly string[];
  /** Of `restored`, and of an archive sent again, where it is known: `time` of the archive. */
  readonly archivedAt?: string;
  readonly dateLastModified?: string;
  /** The canonical record's bytes; absent on `archived`. */
  readonly body?: Buffer;
}

const WATERMARK = '!watermark/';

export interface EncodedMessage {
  readonly key: string;
  readonly value: Buffer;
}

/** The same for every repeat of one change. */
export function changeEventId(
  change: Pick<Change, 'districtId' | 'entityType' | 'gg4lId' | 'generation'>,
): string {
  return digest(`${change.districtId}\0${change.entityType}\0${change.gg4lId}\0${change.generation}`);
}

export function changeKey(districtId: string, entityType: EntityType, gg4lId: string): string {
  return `${districtId}/${entityType}/${gg4lId}`;
}

/** What a key of a record names; null of every other key. A GG4L ID may hold slashes, the parts before it none. */
export function decodeChangeKey(
  key: string,
): { readonly districtId: string; readonly entityType: EntityType; readonly gg4lId: string } | null {
  const [districtId = '', entityType = ''] = key.split('/', 2);
  const gg4lId = key.slice(districtId.length + entityType.length + 2);
  if (districtId === '' || districtId.startsWith('!') || gg4lId === '' || !isEntityType(entityType))
    return null;
  return { districtId, entityType, gg4lId };
}

export function watermarkKey(districtId: string): string {
  return `${WATERMARK}${districtId}`;
}

/** The district whose watermark a key names; null of every other key. */
export function decodeWatermarkKey(key: string): string | null {
  return key.startsWith(WATERMARK) ? key.slice(WATERMARK.length) : null;
}

export function encodeChange(change: Change): EncodedMessage {
  const { districtId, entityType, gg4lId, verb } = change;
  const head =
    `{"specversion":"1.0","id":"${changeEventId(change)}","source":"/districts/${districtId}",` +
    `"type":"roster.${entityType}.${verb}","subject":${JSON.stringify(gg4lId)},"time":"${change.time}",` +
    `"generation":${change.generation},"epoch":${change.epoch},"fingerprint":"${change.fingerprint.toString('hex')}"` +
    (isZero(change.schoolHash) ? '' : `,"school":"${change.schoolHash.toString('hex')}"`) +
    (change.cause === undefined ? '' : `,"cause":"${change.cause}"`) +
    (change.changed?.length ? `,"changed":"${change.changed.join(',')}"` : '') +
    (change.archivedAt === undefined ? '' : `,"archivedat":"${change.archivedAt}"`) +
    (change.dateLastModified ? `,"datelastmodified":${JSON.stringify(change.dateLastModified)}` : '');
  const value =
    change.body === undefined
      ? Buffer.from(`${head}}`)
      : around(`${head},"datacontenttype":"application/json","data":`, change.body);
  return { key: changeKey(districtId, entityType, gg4lId), value };
}

export interface WatermarkFields {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly partition: number;
  readonly generation: number;
  readonly epoch: number;
  readonly time: string;
  readonly active: number;
  readonly xor: string;
}

export function encodeWatermark(fields: WatermarkFields): EncodedMessage {
  const { districtId, entityType, partition, generation, epoch, time, active, xor } = fields;
  const event: Watermark = {
    specversion: '1.0',
    id: digest(`watermark\0${districtId}\0${entityType}\0${partition}\0${generation}`),
    source: `/districts/${districtId}`,
    type: `roster.${entityType}.watermark`,
    time,
    generation,
    epoch,
    datacontenttype: 'application/json',
    data: { partition, active, xor },
  };
  return { key: watermarkKey(districtId), value: Buffer.from(JSON.stringify(event)) };
}

export interface FenceFields {
  readonly entityType: EntityType;
  readonly partition: number;
  readonly epoch: number;
  readonly author: string;
  readonly time: string;
}

export function encodeFence({ entityType, partition, epoch, author, time }: FenceFields): EncodedMessage {
  const event: Fence = {
    specversion: '1.0',
    id: digest(`fence\0${entityType}\0${partition}\0${epoch}\0${author}`),
    source: `/partitions/${partition}`,
    type: `roster.${entityType}.fence`,
    time,
    epoch,
    datacontenttype: 'application/json',
    data: { author },
  };
  return { key: `!fence/${epoch}/${author}`, value: Buffer.from(JSON.stringify(event)) };
}

/** Of a type that came to the topic later: whoever does not know it passes over it, for it says nothing of a record. */
export class UnknownTypeError extends MalformedMessageError {
  constructor(
    readonly entityType: EntityType,
    readonly type: string,
  ) {
    super('change message: of a type that came later');
  }
}

const NAME_OF_TYPE = /^roster\.[A-Za-z]+\.[A-Za-z0-9_-]+$/;
const checkRecordEvent = checker('change event', RecordEvent);
const checkArchivedEvent = checker('archived event', ArchivedEvent);
const checkWatermark = checker('watermark', Watermark);
const checkFence = checker('fence', Fence);

/** Decodes a message of a change topic; throws MalformedMessageError, of a well-formed event of no known type UnknownTypeError. */
export function decodeChangeMessage(bytes: Buffer): ChangeMessage {
  const value = parseJson('change message', bytes) as {
    specversion?: unknown;
    type?: unknown;
    source?: unknown;
  } | null;
  const [, entityType, kind] = typeof value?.type === 'string' ? value.type.split('.') : [];
  const type = ENTITY_TYPES.find((name) => name === entityType);
  if (type === undefined) throw new MalformedMessageError('change message: unknown type');
  const districtId = typeof value?.source === 'string' ? value.source.slice('/districts/'.length) : '';
  switch (kind) {
    case 'created':
    case 'updated':
    case 'restored':
      return { kind: 'change', verb: kind, districtId, entityType: type, event: checkRecordEvent(value) };
    case 'archived':
      return { kind: 'change', verb: kind, districtId, entityType: type, event: checkArchivedEvent(value) };
    case 'watermark':
      return { kind: 'watermark', districtId, entityType: type, event: checkWatermark(value) };
    case 'fence':
      return { kind: 'fence', entityType: type, event: checkFence(value) };
    default:
      if (value?.specversion === '1.0' && typeof value.type === 'string' && NAME_OF_TYPE.test(value.type))
        throw new UnknownTypeError(type, value.type);
      throw new MalformedMessageError('change message: unknown kind');
  }
}

const CLOSING = '}'.charCodeAt(0);

/** The head, the body's bytes as they are, and the closing brace; one buffer, because this is made for every event. */
function around(head: string, body: Buffer): Buffer {
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(headBytes + body.length + 1);
  bytes.write(head);
  body.copy(bytes, headBytes);
  bytes[headBytes + body.length] = CLOSING;
  return bytes;
}

function isZero(hash: Buffer): boolean {
  return hash.equals(NO_SCHOOL);
}

function digest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
