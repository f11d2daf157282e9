/*
 * Who may do what. Roles belong to the server, so their names begin with the database's; none can log in: a login role
 * is made a member of one. Without the right to create roles this leaves everything as it is, and says so by `false`.
 * Running it again changes nothing.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { columnsOf, toSnakeCase } from '../columns.js';

export const ROLES = ['migrator', 'persister', 'reader', 'demographics_reader', 'purge'] as const;
export type RosterRole = (typeof ROLES)[number];

export function roleName(namespace: string, role: RosterRole): string {
  return `${namespace}_${role}`;
}

/** For a namespace that is given up, when its database is gone. */
export function dropRoles(namespace: string): string {
  return `drop role if exists ${ROLES.map((role) => `"${roleName(namespace, role)}"`).join(', ')}`;
}

const TABLES = ENTITY_TYPES.map(toSnakeCase);
const KEPT = ['history', 'watermarks', 'dead_letters'];
const BOOKKEEPING = ['fences', 'stored_offsets', 'suppressions'];
const LINKS = ['user_orgs', 'user_agents', 'class_terms', 'dangling_references', 'districts'];

const TAKE_AWAY = 'roster.take_away(text, integer, text[], text[], bigint[])';

const on = (names: readonly string[]): string => names.map((name) => `roster.${name}`).join(', ');
const without = (name: string): readonly string[] => TABLES.filter((table) => table !== name);
const withActive = (names: readonly string[]) => [...names, ...names.map((name) => `active_${name}`)];

/** `%1$I` is the role. */
const GRANTS: Readonly<Record<RosterRole, readonly string[]>> = {
  migrator: ['grant create on schema roster to %1$I'],
  persister: [
    `grant select, insert, update on ${on([...TABLES, ...KEPT, 'fences', 'stored_offsets'])} to %1$I`,
    `grant select on ${on(['suppressions', 'migrations', 'definitions'])} to %1$I`,
    'grant execute on function roster.add_history_month(date) to %1$I',
    `grant execute on function ${TAKE_AWAY} to %1$I`,
  ],
  reader: [
    `grant select on ${on([...withActive(without('demographics')), 'history', 'watermarks', ...LINKS])} to %1$I`,
    'grant select on roster.district_readers to %1$I',
  ],
  demographics_reader: [
    `grant select on ${on(withActive(['demographics']))}, roster.district_readers to %1$I`,
  ],
  purge: [
    `grant select, delete on ${on([...TABLES, ...KEPT])} to %1$I`,
    `grant select on ${on([...BOOKKEEPING, 'districts', 'migrations', 'definitions'])} to %1$I`,
    'grant insert, update, delete on roster.suppressions to %1$I',
    // To empty the row of somebody who is erased and still shared: nothing but what a record says.
    ...ENTITY_TYPES.map(
      (type) => `grant update (${contentsOf(type)}) on roster.${toSnakeCase(type)} to %1$I`,
    ),
  ],
};

function contentsOf(type: EntityType): string {
  return [...columnsOf(type).map(({ name }) => `"${name}"`), 'date_last_modified'].join(', ');
}

const grants = ROLES.flatMap((role) =>
  ['grant usage on schema roster to %1$I', ...GRANTS[role]].map(
    (grant) => `execute format($g$${grant}$g$, prefix || '_${role}');`,
  ),
).join('\n  ');

const policies = [...TABLES, ...KEPT]
  .map(
    (table) => `
  drop policy if exists services on roster.${table};
  execute format('create policy services on roster.${table} to %I, %I, %I using (true) with check (true)',
    prefix || '_migrator', prefix || '_persister', prefix || '_purge');
  drop policy if exists own_districts on roster.${table};
  execute format('create policy own_districts on roster.${table} for select to %I, %I
    using (district_id = any ((select roster.visible_districts())::text[]))',
    prefix || '_reader', prefix || '_demographics_reader');`,
  )
  .join('');

export const GRANT_ROLES = `
create or replace function pg_temp.grant_roles() returns boolean language plpgsql as $$
declare
  prefix text := current_database();
  role text;
  owned record;
begin
  foreach role in array array[${ROLES.map((role) => `'${role}'`).join(', ')}] loop
    if not exists (select from pg_roles where rolname = prefix || '_' || role) then
      execute format('create role %I nologin', prefix || '_' || role);
    end if;
  end loop;
  if not pg_has_role(current_user, prefix || '_migrator', 'usage') then
    execute format('grant %I to current_user', prefix || '_migrator');
  end if;
  ${grants}
  ${policies}
  drop policy if exists own_grants on roster.district_readers;
  execute format('create policy own_grants on roster.district_readers for select to %I, %I
    using (exists (select from pg_roles r where r.rolname = role_name and pg_has_role(current_user, r.oid, ''member'')))',
    prefix || '_reader', prefix || '_demographics_reader');
  for owned in
    select c.relkind, format('%I.%I', 'roster', c.relname) as name from pg_class c
    where c.relnamespace = 'roster'::regnamespace and c.relkind in ('r', 'p', 'v')
      and pg_get_userbyid(c.relowner) <> prefix || '_migrator'
  loop
    execute format('alter %s %s owner to %I', case owned.relkind when 'v' then 'view' else 'table' end, owned.name,
      prefix || '_migrator');
  end loop;
  execute format('alter function roster.add_history_month(date) owner to %I', prefix || '_migrator');
  execute format('alter function ${TAKE_AWAY} owner to %I', prefix || '_migrator');
  execute format('alter function roster.visible_districts() owner to %I', prefix || '_migrator');
  execute format('alter schema roster owner to %I', prefix || '_migrator');
  return true;
exception when insufficient_privilege then
  return false;
end
$$;
`;
