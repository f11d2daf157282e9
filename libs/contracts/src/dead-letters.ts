import { createHash } from 'node:crypto';
import { Type, type Static } from '@sinclair/typebox';
import { DistrictId, EntityTypeName, Generation } from './raw-messages.js';
import { checker, parseJson } from './validation.js';

/** More than this of a dead letter's contents is cut off. */
export const MAX_DEAD_LETTER_BYTES = 16 * 1024;

/** Where it was read: a row of a collection, or a place in a topic. */
export const DeadLetterOrigin = Type.Union([
  Type.Object({
    kind: Type.Literal('row'),
    districtId: DistrictId,
    generation: Generation,
    entityType: EntityTypeName,
    /** Zero-based, in the order received. */
    row: Type.Integer({ minimum: 0 }),
  }),
  Type.Object({
    kind: Type.Literal('message'),
    topic: Type.String(),
    partition: Type.Integer({ minimum: 0 }),
    offset: Type.String({ pattern: '^[0-9]+$' }),
  }),
]);
export type DeadLetterOrigin = Static<typeof DeadLetterOrigin>;

/** A message of the dead-letter topic; key is `district/type`, or the topic it came from. */
export const DeadLetter = Type.Object(
  {
    id: Type.String({ minLength: 1, description: 'the same for the same origin' }),
    origin: DeadLetterOrigin,
    service: Type.String({ description: 'that could not read it' }),
    reason: Type.String(),
    contents: Type.String({ description: 'base64 of the first 16 KiB; it may hold personal data' }),
    contentsBytes: Type.Integer({ minimum: 0, description: 'the whole length' }),
    at: Type.String({ description: 'RFC 3339' }),
  },
  { title: 'DeadLetter', description: 'What could not be read, and where it was.' },
);
export type DeadLetter = Static<typeof DeadLetter>;

export interface DeadLetterFields {
  readonly origin: DeadLetterOrigin;
  readonly service: string;
  readonly reason: string;
  readonly contents: Buffer;
  readonly at: string;
}

export function encodeDeadLetter(fields: DeadLetterFields): { key: string; value: Buffer } {
  const { origin, contents, ...rest } = fields;
  const letter: DeadLetter = {
    id: createHash('sha256').update(JSON.stringify(origin)).digest('hex').slice(0, 32),
    origin,
    ...rest,
    contents: contents.subarray(0, MAX_DEAD_LETTER_BYTES).toString('base64'),
    contentsBytes: contents.length,
  };
  const key = origin.kind === 'row' ? `${origin.districtId}/${origin.entityType}` : origin.topic;
  return { key, value: Buffer.from(JSON.stringify(letter)) };
}

const check = checker('dead letter', DeadLetter);

/** Throws MalformedMessageError. */
export function decodeDeadLetter(bytes: Buffer): DeadLetter {
  return check(parseJson('dead letter', bytes));
}
