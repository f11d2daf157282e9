import { Injectable } from '@nestjs/common';
import { keptOf, loadErased } from './erased-in-letters.js';
import { toLetterRow, type LetterRow, type PlacedLetter } from './letter-rows.js';
import { RosterDatabase } from './roster-database.js';
import { BY_THE_LIST } from './suppressions.js';

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

/**
 * `roster.dead_letters`: one row per origin; `times` counts how often it was met, each letter once. What an erasure
 * has removed does not come back, however often its topic is read.
 */
@Injectable()
export class DeadLetterStore {
  constructor(private readonly database: RosterDatabase) {}

  async write(letters: readonly PlacedLetter[]): Promise<void> {
    const rows = letters.map(toLetterRow);
    await this.database.transaction(async (statements) => {
      const erased = await loadErased(statements, rows);
      const kept = rows.flatMap((row) => keptOf(row, erased));
      for (const round of roundsOf(kept)) {
        await statements.query(INSERT, [JSON.stringify(round.map(toJson))]);
      }
    }, BY_THE_LIST);
  }
}

/** In order, each round naming an id at most once, as one statement must. */
function roundsOf(rows: readonly LetterRow[]): readonly (readonly LetterRow[])[] {
  const rounds: LetterRow[][] = [];
  const seen = new Map<string, number>();
  for (const row of rows) {
    const round = seen.get(row.id) ?? 0;
    seen.set(row.id, round + 1);
    (rounds[round] ??= []).push(row);
  }
  return rounds;
}

function toJson(row: LetterRow): Readonly<Record<string, unknown>> {
  return { ...row, contents: row.contents === null ? null : `\\x${row.contents.toString('hex')}` };
}
