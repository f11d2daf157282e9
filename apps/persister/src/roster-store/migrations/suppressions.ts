/*
 * Who was erased: by the hash of the record's key, so that the list names nobody. A suppressed record gets no row,
 * whatever topic or snapshot brings it, until it is released.
 */
export const SUPPRESSIONS = `
create table roster.suppressions (
  district_id text collate "C" not null,
  entity_type text collate "C" not null,
  record_hash bytea not null,
  receipt text not null,
  suppressed_at timestamptz not null default now(),
  primary key (entity_type, record_hash)
);
`;
