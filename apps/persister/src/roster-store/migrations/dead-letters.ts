/** What could not be understood, by any service: one row per origin, counted where it was met again. */
export const DEAD_LETTERS = `
create table roster.dead_letters (
  id text collate "C" primary key,
  service text,
  reason text,
  -- of a row of a collection
  district_id text,
  generation bigint,
  entity_type text,
  row_number bigint,
  -- of a message of a topic
  topic text,
  partition bigint,
  log_offset numeric,
  contents bytea,
  contents_bytes bigint,
  at timestamptz,
  times integer,
  -- offset in the dead-letter topic of the last one counted, so that reading it again counts nothing twice
  letter_offset bigint
);
`;
