/*
 * What a tombstone takes away: row and history of a record, or the district's watermark, if they came from before it in
 * the same partition. By a function that runs with its owner's rights, so that who writes rows needs none to delete.
 */
export const TOMBSTONES = `
create function roster.take_away(type text, at integer, districts text[], ids text[], offsets bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
  delete from roster.watermarks w using unnest(districts, ids) as r(district_id, gg4l_id)
  where r.gg4l_id is null and w.district_id = r.district_id collate "C" and w.entity_type = type and w.partition = at;
end
$$;
revoke execute on function roster.take_away(text, integer, text[], text[], bigint[]) from public;
`;
