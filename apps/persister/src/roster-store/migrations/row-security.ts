/*
 * Who may read which district. A reader sees the districts granted to a role it is in; the setting rollcall.district
 * narrows them to one. A grant of '*' stands for any one district, chosen by the setting: without it nothing is seen.
 * Policies name roles, which belong to the server and not to this database: see roles.ts.
 */
export const ROW_SECURITY = `
create table roster.district_readers (
  role_name name not null,
  district_id text collate "C" not null,
  primary key (role_name, district_id)
);

create function roster.visible_districts() returns text[] language sql stable as $$
  select coalesce(array_agg(v.district_id), '{}') from (
    select case g.district_id when '*' then s.chosen else g.district_id end as district_id, s.chosen
    from roster.district_readers g
    join pg_catalog.pg_roles r on r.rolname = g.role_name
    cross join (select nullif(current_setting('rollcall.district', true), '') as chosen) s
    where pg_has_role(current_user, r.oid, 'member')
  ) v
  where v.district_id is not null and (v.chosen is null or v.chosen = v.district_id)
$$;

alter table roster.orgs enable row level security;
alter table roster.academic_sessions enable row level security;
alter table roster.courses enable row level security;
alter table roster.classes enable row level security;
alter table roster.users enable row level security;
alter table roster.demographics enable row level security;
alter table roster.enrollments enable row level security;
alter table roster.history enable row level security;
alter table roster.watermarks enable row level security;
alter table roster.dead_letters enable row level security;
alter table roster.district_readers enable row level security;
`;

/** It runs as whoever reads: what it calls must not be found by a search path that they set. */
export const FIXED_SEARCH_PATH = `
alter function roster.visible_districts() set search_path = pg_catalog, pg_temp;
`;
