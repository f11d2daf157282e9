import type { RosterDatabase } from './roster-database.js';

export interface LetterFilter {
  readonly districtId?: string;
  /** Cleared ones too. */
  readonly all: boolean;
  /** What was in them, as base64; it may hold personal data. */
  readonly contents: boolean;
}

export const LETTER_COLUMNS = [
  ...['at', 'service', 'reason', 'district_id', 'entity_type', 'generation', 'gg4l_id', 'row_number'],
  ...['topic', 'partition', 'log_offset', 'times', 'contents_bytes', 'cleared_at', 'cleared_by', 'id'],
] as const;

/** Dead letters, the newest first. */
export function listLetters(
  database: RosterDatabase,
  { districtId, all, contents }: LetterFilter,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const columns = [...LETTER_COLUMNS, ...(contents ? [`encode(contents, 'base64') as contents`] : [])];
  return database.read(
    `select ${columns.join(', ')} from roster.dead_letters
     where ($1::text is null or district_id = $1) and ($2 or cleared_at is null) order by at desc nulls last, id`,
    [districtId ?? null, all],
  );
}
