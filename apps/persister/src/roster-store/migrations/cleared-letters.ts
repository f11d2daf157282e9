/*
 * A letter about a change event names the record, where that can be read from its contents; and one is cleared when a
 * later snapshot was applied without it, or brought the record right.
 */
export const CLEARED_LETTERS = `
alter table roster.dead_letters
  add column gg4l_id text collate "C",
  add column cleared_at timestamptz,
  add column cleared_by bigint;

create index open_dead_letters on roster.dead_letters (district_id, entity_type) where cleared_at is null;
`;
