/*
 * What an analyst joins by. Lists of references stay arrays, each with a GIN index for `@>`; a view shows a list as
 * pairs. Views read with the rights of whoever asks (security_invoker), so that row security holds in them. No index
 * but the primary key begins with the district: on an empty table a plan that writes could take it for the key.
 */
export const JOINS = `
create index users_by_org on roster.users using gin (orgs) where orgs is not null;
create index users_by_agent on roster.users using gin (agents) where agents is not null;
create index classes_by_term on roster.classes using gin (terms) where terms is not null;
create index enrollments_by_user on roster.enrollments ("user");
create index enrollments_by_class on roster.enrollments (class);

create view roster.user_orgs with (security_invoker = true) as
select district_id, gg4l_id as "user", org, archived_at from roster.users cross join unnest(orgs) as org;

create view roster.user_agents with (security_invoker = true) as
select district_id, gg4l_id as "user", agent, archived_at from roster.users cross join unnest(agents) as agent;

create view roster.class_terms with (security_invoker = true) as
select district_id, gg4l_id as class, term, archived_at from roster.classes cross join unnest(terms) as term;

create view roster.active_orgs with (security_invoker = true) as
select * from roster.orgs where archived_at is null;
create view roster.active_academic_sessions with (security_invoker = true) as
select * from roster.academic_sessions where archived_at is null;
create view roster.active_courses with (security_invoker = true) as
select * from roster.courses where archived_at is null;
create view roster.active_classes with (security_invoker = true) as
select * from roster.classes where archived_at is null;
create view roster.active_users with (security_invoker = true) as
select * from roster.users where archived_at is null;
create view roster.active_demographics with (security_invoker = true) as
select * from roster.demographics where archived_at is null;
create view roster.active_enrollments with (security_invoker = true) as
select * from roster.enrollments where archived_at is null;
`;

/** Demographics are left out: whoever may read this view need not be allowed to read them. */
export const DANGLING_REFERENCES = `
create view roster.dangling_references with (security_invoker = true) as
with named (district_id, type, gg4l_id, attribute, target_type, target) as (
  select district_id, 'orgs', gg4l_id, 'parent', 'orgs', parent from roster.active_orgs
  union all
  select district_id, 'orgs', gg4l_id, 'children', 'orgs', unnest(children) from roster.active_orgs
  union all
  select district_id, 'academicSessions', gg4l_id, 'parent', 'academicSessions', parent
    from roster.active_academic_sessions
  union all
  select district_id, 'academicSessions', gg4l_id, 'children', 'academicSessions', unnest(children)
    from roster.active_academic_sessions
  union all
  select district_id, 'courses', gg4l_id, 'schoolYear', 'academicSessions', school_year from roster.active_courses
  union all
  select district_id, 'courses', gg4l_id, 'org', 'orgs', org from roster.active_courses
  union all
  select district_id, 'classes', gg4l_id, 'course', 'courses', course from roster.active_classes
  union all
  select district_id, 'classes', gg4l_id, 'school', 'orgs', school from roster.active_classes
  union all
  select district_id, 'classes', gg4l_id, 'terms', 'academicSessions', unnest(terms) from roster.active_classes
  union all
  select district_id, 'users', gg4l_id, 'orgs', 'orgs', unnest(orgs) from roster.active_users
  union all
  select district_id, 'users', gg4l_id, 'agents', 'users', unnest(agents) from roster.active_users
  union all
  select district_id, 'enrollments', gg4l_id, 'user', 'users', "user" from roster.active_enrollments
  union all
  select district_id, 'enrollments', gg4l_id, 'class', 'classes', class from roster.active_enrollments
  union all
  select district_id, 'enrollments', gg4l_id, 'school', 'orgs', school from roster.active_enrollments
), known (district_id, type, gg4l_id, archived_at) as (
  select district_id, 'orgs', gg4l_id, archived_at from roster.orgs
  union all
  select district_id, 'academicSessions', gg4l_id, archived_at from roster.academic_sessions
  union all
  select district_id, 'courses', gg4l_id, archived_at from roster.courses
  union all
  select district_id, 'classes', gg4l_id, archived_at from roster.classes
  union all
  select district_id, 'users', gg4l_id, archived_at from roster.users
)
select n.district_id, n.type, n.gg4l_id, n.attribute, n.target_type, n.target,
  case when k.gg4l_id is null then 'unknown' else 'archived' end as state
from named n
left join known k on k.district_id = n.district_id and k.type = n.target_type and k.gg4l_id = n.target collate "C"
where n.target is not null and (k.gg4l_id is null or k.archived_at is not null);
`;
