/*
 * Who was erased: by the hash of the record's key, so that the list names nobody. While such a record is still shared
 * its row is kept empty, so that watermarks go on proving the rest; events up to forgotten_to make no row at all.
 */
export const SUPPRESSIONS = `
create table roster.suppressions (
  district_id text collate "C" not null,
  entity_type text collate "C" not null,
  record_hash bytea not null,
  -- of the user whose erasure this is part of
  user_hash bytea not null,
  receipt text not null,
  suppressed_at timestamptz not null default now(),
  forgotten_to bigint not null default -1,
  primary key (entity_type, record_hash)
);
`;
