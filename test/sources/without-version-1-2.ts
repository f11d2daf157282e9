import type { Fields, Roster } from './source-ground.js';

const OF_1_2 = new Set([
  ...['roles', 'userProfiles', 'primaryOrg', 'pronouns', 'userMasterIdentifier'],
  ...['preferredFirstName', 'preferredLastName'],
]);

/** What 1.1 says too, wherever the canonical record keeps the rest. */
export function withoutVersion12(roster: Roster): Roster {
  const { users } = roster;
  if (users === 'not granted') return roster;
  const bare = (fields: Fields): Fields =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => !OF_1_2.has(name)));
  const plain = users.map(({ extensions, ...user }) => {
    const rest = bare((extensions ?? {}) as Fields);
    return { ...bare(user), ...(Object.keys(rest).length === 0 ? {} : { extensions: rest }) };
  });
  return { ...roster, users: plain };
}
