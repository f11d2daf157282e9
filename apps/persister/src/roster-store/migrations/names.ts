/* What a person calls each record; read by the console, which shows held plans. */
const CALLED_BY_ITSELF = `select district_id, 'orgs', gg4l_id, name from roster.orgs
union all
select district_id, 'academicSessions', gg4l_id, title from roster.academic_sessions
union all
select district_id, 'courses', gg4l_id, title from roster.courses
union all
select district_id, 'classes', gg4l_id, title from roster.classes`;

export const NAMES = `
create view roster.names (district_id, type, gg4l_id, name) as
${CALLED_BY_ITSELF}
union all
select district_id, 'users', gg4l_id, coalesce(nullif(concat_ws(' ', given_name, family_name), ''), username)
  from roster.users
union all
select district_id, 'demographics', gg4l_id, gg4l_id from roster.demographics
union all
select district_id, 'enrollments', gg4l_id,
  coalesce(role, 'somebody') || ' of ' || coalesce("user", '?') || ' in ' || coalesce(class, '?') from roster.enrollments;
`;

const USER_NAME = `coalesce(nullif(concat_ws(' ', u.given_name, u.family_name), ''), u.username)`;

const userOf = (table: string, reference: string): string =>
  `(select ${USER_NAME} from roster.users u where u.district_id = ${table}.district_id and u.gg4l_id = ${reference} collate "C")`;

/**
 * An enrollment is called after its person and class, demographics after their person, as far as these are known. By
 * subqueries, which are answered only for the rows asked for: of a join the planner would make all of a district.
 */
export const FULL_NAMES = `
create or replace view roster.names (district_id, type, gg4l_id, name) as
${CALLED_BY_ITSELF}
union all
select district_id, 'users', gg4l_id, ${USER_NAME} from roster.users u
union all
select district_id, 'demographics', gg4l_id, coalesce(${userOf('d', 'd.gg4l_id')}, gg4l_id) from roster.demographics d
union all
select district_id, 'enrollments', gg4l_id,
  concat_ws(' ', role, coalesce(${userOf('e', 'e."user"')}, "user", case when role is null then 'somebody' end)) || ' in ' ||
    coalesce((select c.title from roster.classes c where c.district_id = e.district_id and c.gg4l_id = e.class collate "C"),
      class, 'an unnamed class')
  from roster.enrollments e;
`;
