/*
 * A dead letter as a row. A letter must never be refused: of what it says about itself, and of what its contents say,
 * only what Postgres can hold is taken.
 */
import { createHash } from 'node:crypto';
import { isEntityType, type DeadLetter, type DeadLetterOrigin, type EntityType } from '#contracts';
import { cleanText } from '#oneroster';
import { toStoredTime } from './stored-time.js';

/** A dead letter and its own place in the dead-letter topic (which has one partition). */
export interface PlacedLetter {
  readonly offset: bigint;
  readonly letter: DeadLetter;
}

export interface LetterRow extends LetterPlace {
  readonly id: string;
  readonly service: string;
  readonly reason: string;
  readonly contents: Buffer | null;
  readonly contentsBytes: number | null;
  readonly at: string | null;
  readonly letterOffset: string;
}

/** What it is about, as far as that is known. */
interface LetterPlace {
  readonly districtId: string | null;
  readonly generation: number | null;
  readonly entityType: EntityType | null;
  readonly gg4lId: string | null;
  readonly row: number | null;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: string | null;
}

type RecordInContents = Pick<LetterPlace, 'districtId' | 'generation' | 'entityType' | 'gg4lId'>;

const NO_RECORD: RecordInContents = { districtId: null, generation: null, entityType: null, gg4lId: null };
const OUR_ID = /^[0-9a-f]{32}$/;
const OFFSET_DIGITS = 20;

export function toLetterRow({ offset, letter }: PlacedLetter): LetterRow {
  const { id, origin, service, reason, at } = letter;
  const contents = Buffer.from(letter.contents, 'base64');
  return {
    ...placeOf(origin, contents),
    id: OUR_ID.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 32),
    service: cleanText(service),
    reason: cleanText(reason),
    contents,
    contentsBytes: toCount(letter.contentsBytes),
    at: toStoredTime(at),
    letterOffset: offset.toString(),
  };
}

function placeOf(origin: DeadLetterOrigin, contents: Buffer): LetterPlace {
  if (origin.kind === 'row') {
    const { districtId, generation, entityType, row } = origin;
    const known = { districtId, generation, entityType, gg4lId: null, row: toCount(row) };
    return { ...known, topic: null, partition: null, offset: null };
  }
  const { topic, partition, offset } = origin;
  return {
    ...recordIn(contents),
    row: null,
    topic: cleanText(topic),
    partition: toCount(partition),
    offset: offset.length <= OFFSET_DIGITS ? offset : null,
  };
}

/** The record that a change event is about, if it is one: a later event of it clears the letter. */
function recordIn(contents: Buffer): RecordInContents {
  const { source, type, subject, generation } = parsed(contents);
  if (typeof source !== 'string' || typeof type !== 'string' || typeof subject !== 'string') return NO_RECORD;
  const [, districtId] = /^\/districts\/([A-Za-z0-9._-]{1,64})$/.exec(source) ?? [];
  const entityType = type.split('.')[1];
  if (districtId === undefined || !isEntityType(entityType)) return NO_RECORD;
  const isGeneration = typeof generation === 'number' && generation >= 0;
  return {
    districtId,
    entityType,
    gg4lId: cleanText(subject) === subject ? subject : null,
    generation: isGeneration ? toCount(generation) : null,
  };
}

/** Nothing where it is no JSON object. */
export function parsed(contents: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(contents.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // no JSON, or cut off
  }
}

function toCount(value: number): number | null {
  return Number.isSafeInteger(value) ? value : null;
}
