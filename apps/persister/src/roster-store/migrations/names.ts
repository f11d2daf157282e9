/** What a person calls each record; read by the console, which shows held plans. */
export const NAMES = `
create view roster.names (district_id, type, gg4l_id, name) as
select district_id, 'orgs', gg4l_id, name from roster.orgs
union all
select district_id, 'academicSessions', gg4l_id, title from roster.academic_sessions
union all
select district_id, 'courses', gg4l_id, title from roster.courses
union all
select district_id, 'classes', gg4l_id, title from roster.classes
union all
select district_id, 'users', gg4l_id, coalesce(nullif(concat_ws(' ', given_name, family_name), ''), username)
  from roster.users
union all
select district_id, 'demographics', gg4l_id, gg4l_id from roster.demographics
union all
select district_id, 'enrollments', gg4l_id,
  coalesce(role, 'somebody') || ' of ' || coalesce("user", '?') || ' in ' || coalesce(class, '?') from roster.enrollments;
`;
