import { Injectable } from '@nestjs/common';
import { isEntityType, type DeadLetter } from '#contracts';
import { RosterDatabase } from './roster-database.js';

/** A dead letter and its own place in the dead-letter topic (which has one partition). */
export interface PlacedLetter {
  readonly offset: bigint;
  readonly letter: DeadLetter;
}

const INSERT = `
insert into roster.dead_letters as t (id, service, reason, district_id, generation, entity_type, gg4l_id, row_number,
  topic, partition, log_offset, contents, contents_bytes, at, times, letter_offset)
select r.id, r.service, r.reason, r."districtId", r.generation, r."entityType", r."gg4lId", r."row",
  r.topic, r.partition, r."offset", r.contents, r."contentsBytes", r.at, 1, r."letterOffset"
from json_to_recordset($1::json) as r(id text, service text, reason text, "districtId" text, generation bigint,
  "entityType" text, "gg4lId" text, "row" bigint, topic text, partition bigint, "offset" numeric, contents bytea,
  "contentsBytes" bigint, at timestamptz, "letterOffset" bigint)
on conflict (id) do update set times = t.times + 1, letter_offset = excluded.letter_offset,
  cleared_at = null, cleared_by = null
where t.letter_offset < excluded.letter_offset`;

/** `roster.dead_letters`: one row per origin; `times` counts how often it was met, each letter once. */
@Injectable()
export class DeadLetterStore {
  constructor(private readonly database: RosterDatabase) {}

  async write(letters: readonly PlacedLetter[]): Promise<void> {
    await this.database.transaction(async (statements) => {
      for (const round of roundsOf(letters)) {
        await statements.query(INSERT, [JSON.stringify(round.map(toJson))]);
      }
    });
  }
}

/** In order, each round naming an id at most once, as one statement must. */
function roundsOf(letters: readonly PlacedLetter[]): readonly (readonly PlacedLetter[])[] {
  const rounds: PlacedLetter[][] = [];
  const seen = new Map<string, number>();
  for (const placed of letters) {
    const round = seen.get(placed.letter.id) ?? 0;
    seen.set(placed.letter.id, round + 1);
    (rounds[round] ??= []).push(placed);
  }
  return rounds;
}

/** A letter must never be refused: texts without U+0000, numbers a bigint can hold, a time only if it is one. */
function toJson({ offset, letter }: PlacedLetter): Readonly<Record<string, unknown>> {
  const { origin, contents, at, ...rest } = letter;
  const bytes = Buffer.from(contents, 'base64');
  const record = origin.kind === 'message' ? recordIn(bytes) : {};
  const columns = { ...rest, ...record, ...origin, letterOffset: offset.toString() };
  return {
    ...Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, toStorable(value)])),
    contents: `\\x${bytes.toString('hex')}`,
    at: Number.isNaN(Date.parse(at)) ? null : new Date(at).toISOString(),
  };
}

/** The record that a change event is about, if it is one: a later event of it clears the letter. */
function recordIn(contents: Buffer): Readonly<Record<string, unknown>> {
  let event: unknown;
  try {
    event = JSON.parse(contents.toString());
  } catch {
    return {}; // no JSON, or cut off
  }
  if (typeof event !== 'object' || event === null) return {};
  const { source, type, subject, generation } = event as Readonly<Record<string, unknown>>;
  const [, districtId] = /^\/districts\/([A-Za-z0-9._-]+)$/.exec(String(source)) ?? [];
  const entityType = String(type).split('.')[1];
  const isOurs = districtId !== undefined && isEntityType(entityType) && typeof subject === 'string';
  return isOurs ? { districtId, entityType, gg4lId: subject, generation } : {};
}

function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '');
  return typeof value !== 'number' || Number.isSafeInteger(value) ? value : null;
}
