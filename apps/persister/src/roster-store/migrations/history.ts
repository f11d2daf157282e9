/*
 * Which record changed when, how and why: one row per row written, in the same transaction, without what the record
 * says. By month of the change; a month's partition is made by a function, so that who writes needs no right to create.
 */
export const HISTORY = `
create table roster.history (
  district_id text collate "C" not null,
  entity_type text collate "C" not null,
  gg4l_id text collate "C" not null,
  generation bigint not null,
  verb text not null,
  cause text,
  changed text[],
  was_archived_at timestamptz,
  event_id text collate "C",
  changed_at timestamptz not null,
  primary key (district_id, entity_type, gg4l_id, generation, changed_at)
) partition by range (changed_at);

create function roster.add_history_month(day date) returns boolean language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
  first date := date_trunc('month', day)::date;
  name text := 'history_' || to_char(first, 'YYYY_MM');
begin
  perform pg_advisory_xact_lock(hashtextextended('rollcall history month', 0));
  -- A query, not to_regclass: behind an advisory lock that still answers from what the session remembers.
  if exists (select from pg_class where relname = name and relnamespace = 'roster'::regnamespace) then return false; end if;
  execute format('create table roster.%I (like roster.history including all)', name);
  execute format('alter table roster.history attach partition roster.%I for values from (%L) to (%L)', name,
    first::timestamp at time zone 'UTC', (first + interval '1 month')::timestamp at time zone 'UTC');
  return true;
end
$$;
revoke execute on function roster.add_history_month(date) from public;

select roster.add_history_month((now() at time zone 'UTC' + m * interval '1 month')::date)
from generate_series(0, 2) as m;
`;
