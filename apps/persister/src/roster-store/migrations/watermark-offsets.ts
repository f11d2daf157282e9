/*
 * Where a watermark lies, so that a tombstone which is met again takes only one that came from before it: a district
 * that was removed and came back keeps the watermark of its second life. Null of those passed by a version that did
 * not keep it.
 */
export const WATERMARK_OFFSETS = `
alter table roster.watermarks add column log_offset bigint;

create or replace function roster.take_away(type text, at integer, districts text[], ids text[], offsets bigint[])
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if type not in ('orgs', 'academicSessions', 'courses', 'classes', 'users', 'demographics', 'enrollments') then
    raise exception 'no entity type is called so';
  end if;
  execute format(
    'delete from roster.%I t using unnest($1, $2, $3) as r(district_id, gg4l_id, log_offset)
     where t.district_id = r.district_id collate "C" and t.gg4l_id = r.gg4l_id collate "C" and t.partition = $4
       and t.log_offset < r.log_offset',
    lower(regexp_replace(type, '([A-Z])', '_\\1', 'g'))) using districts, ids, offsets, at;
  execute format(
    'delete from roster.history h using unnest($1, $2) as r(district_id, gg4l_id)
     where h.district_id = r.district_id collate "C" and h.entity_type = $3 and h.gg4l_id = r.gg4l_id collate "C"
       and not exists (select from roster.%I t where t.district_id = h.district_id and t.gg4l_id = h.gg4l_id)',
    lower(regexp_replace(type, '([A-Z])', '_\\1', 'g'))) using districts, ids, type;
  delete from roster.watermarks w using unnest(districts, ids, offsets) as r(district_id, gg4l_id, log_offset)
  where r.gg4l_id is null and w.district_id = r.district_id collate "C" and w.entity_type = type and w.partition = at
    and (w.log_offset is null or w.log_offset < r.log_offset);
end
$$;
`;
