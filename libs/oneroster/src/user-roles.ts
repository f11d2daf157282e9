import { isObject } from './canonical-json.js';

type Source = Readonly<Record<string, unknown>>;

/**
 * OneRoster 1.2 gives a user `roles` in place of `role` and `orgs`. The one role is that of `roleType: primary`, of
 * all if none is primary; where several remain, the first by spelling, so that their order does not matter.
 */
export function primaryRole(user: Source): string | undefined {
  const roles = rolesOf(user);
  const primary = roles.filter((entry) => entry.roleType === 'primary');
  const names = (primary.length > 0 ? primary : roles).map((entry) => entry.role);
  return names.filter((name): name is string => typeof name === 'string' && name !== '').sort()[0];
}

/** The orgs of all roles; without roles the primary one. */
export function rolesOrgs(user: Source): readonly unknown[] {
  const roles = rolesOf(user);
  return roles.length > 0 ? roles.map((entry) => entry.org) : [user.primaryOrg];
}

function rolesOf(user: Source): Source[] {
  return Array.isArray(user.roles) ? user.roles.filter(isObject) : [];
}
