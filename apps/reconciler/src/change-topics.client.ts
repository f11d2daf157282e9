/*
 * The change topics as a rebuild reads them: of an event only what stands before its body, so that a million of them
 * take seconds. What cannot be read counts, and is passed over: only this service writes there.
 */
import {
  CHANGE_VERBS,
  decodeChangeKey,
  decodeChangeMessage,
  encodeFence,
  ENTITY_TYPES,
  MalformedMessageError,
  MAX_EPOCH,
  NO_SCHOOL,
  type ChangeVerb,
  type EntityType,
} from '#contracts';
import type { LogMessage, LogPublisher, LogReader } from '#kafka';
import { digestAttributes, NO_DIGESTS } from '#oneroster';
import { archivedAtMsOf } from './reconciliation/archive-times.js';
import type { LoggedChange } from './reconciliation/ports.js';

export class ChangeTopics {
  constructor(
    private readonly topics: Readonly<Record<EntityType, string>>,
    private readonly publisher: LogPublisher,
    private readonly reader: LogReader,
  ) {}

  ends(partition: number, entityType: EntityType): Promise<{ start: bigint; end: bigint }> {
    return this.reader.ends(this.topics[entityType], partition);
  }

  async *read(
    partition: number,
    entityType: EntityType,
    from: bigint,
    to: bigint,
  ): AsyncIterable<readonly LoggedChange[]> {
    const topic = this.topics[entityType];
    const { start } = await this.reader.ends(topic, partition);
    for await (const messages of this.reader.read(topic, partition, from > start ? from : start, to)) {
      yield messages.map((message) => toLoggedChange(message, message.key));
    }
  }

  /** Sent once: a second copy under its key, come late, would one day make compaction remove the first. */
  fence(partition: number, entityType: EntityType, epoch: number, author: string): Promise<bigint | null> {
    const time = new Date().toISOString();
    const fence = encodeFence({ entityType, partition, epoch, author, time });
    return this.publisher.appendOnce(this.topics[entityType], { partition, ...fence });
  }
}

const DISTRICTS = '/districts/';
const HEX = /^[0-9a-f]*$/;
const BODY = Buffer.from(',"datacontenttype":"application/json","data":');

interface Head {
  readonly type?: unknown;
  readonly source?: unknown;
  readonly subject?: unknown;
  readonly generation?: unknown;
  readonly epoch?: unknown;
  readonly fingerprint?: unknown;
  readonly school?: unknown;
  readonly time?: unknown;
  readonly cause?: unknown;
  readonly archivedat?: unknown;
}

/** By the `type` of an event. */
const KINDS: ReadonlyMap<unknown, { readonly entityType: EntityType; readonly verb: ChangeVerb }> = new Map(
  ENTITY_TYPES.flatMap((entityType) =>
    CHANGE_VERBS.map((verb) => [`roster.${entityType}.${verb}`, { entityType, verb }] as const),
  ),
);

/** The key is needed of a tombstone only. */
export function toLoggedChange(
  { offset, value }: Pick<LogMessage, 'offset' | 'value'>,
  key?: Buffer | null,
): LoggedChange {
  if (value === null) {
    const record = decodeChangeKey(key?.toString() ?? '');
    return record === null ? { kind: 'unreadable', offset } : { kind: 'tombstone', offset, ...record };
  }
  try {
    return fromHead(offset, value) ?? fromMessage(offset, value);
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return { kind: 'unreadable', offset };
  }
}

/** Of an event, without parsing its body; null where anything is not as this service writes it. */
function fromHead(offset: bigint, value: Buffer): LoggedChange | null {
  const bodyAt = value.indexOf(BODY);
  const head = parse(bodyAt < 0 ? value.toString() : `${value.toString('utf8', 0, bodyAt)}}`);
  const { type, source, subject, generation, epoch, fingerprint, school } = head ?? {};
  const kind = KINDS.get(type);
  if (kind === undefined || typeof source !== 'string' || !source.startsWith(DISTRICTS)) return null;
  if (typeof subject !== 'string' || subject === '' || !isVersion(generation)) return null;
  if (!isVersion(epoch) || epoch > MAX_EPOCH) return null;
  if (!isHex(fingerprint, 32) || (school !== undefined && !isHex(school, 16))) return null;
  return {
    kind: 'change',
    offset,
    districtId: source.slice(DISTRICTS.length),
    gg4lId: subject,
    verb: kind.verb,
    generation,
    epoch,
    fingerprint: Buffer.from(fingerprint, 'hex'),
    schoolHash: school === undefined ? NO_SCHOOL : Buffer.from(school, 'hex'),
    digests: bodyAt < 0 ? NO_DIGESTS : digestAttributes(kind.entityType, bodyOf(value, bodyAt)),
    archivedAtMs: archivedAt(kind.verb, head),
  };
}

/** What stands between the mark and the closing brace. */
function bodyOf(value: Buffer, at: number): Buffer {
  return value.subarray(at + BODY.length, value.length - 1);
}

function archivedAt(verb: ChangeVerb, head: Head | null): number {
  const { time, cause, archivedat } = head ?? {};
  return archivedAtMsOf({
    verb,
    time: String(time),
    ...(cause === 'refresh' ? { cause } : {}),
    ...(typeof archivedat === 'string' ? { archivedAt: archivedat } : {}),
  });
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && HEX.test(value);
}

function parse(text: string): Head | null {
  try {
    return JSON.parse(text) as Head | null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function fromMessage(offset: bigint, value: Buffer): LoggedChange {
  const message = decodeChangeMessage(value);
  const { epoch } = message.event;
  switch (message.kind) {
    case 'fence':
      return { kind: 'fence', offset, epoch, author: message.event.data.author };
    case 'watermark':
      return {
        kind: 'watermark',
        offset,
        districtId: message.districtId,
        generation: message.event.generation,
        epoch,
      };
    case 'change': {
      // An event that this service did not write so: its record's bytes are not known.
      const { districtId, verb, event } = message;
      const { subject: gg4lId, generation, fingerprint, school } = event;
      return {
        kind: 'change',
        offset,
        districtId,
        gg4lId,
        verb,
        generation,
        epoch,
        fingerprint: Buffer.from(fingerprint, 'hex'),
        schoolHash: school === undefined ? NO_SCHOOL : Buffer.from(school, 'hex'),
        digests: NO_DIGESTS,
        archivedAtMs: archivedAt(verb, event),
      };
    }
  }
}
