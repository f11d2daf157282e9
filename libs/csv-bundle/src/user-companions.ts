/*
 * OneRoster 1.2 spreads a user over three files. Users are taken in portions, and the other two files read once for
 * each, so that memory is bounded whatever their order; a district of usual size is one portion.
 */
import type { Row } from './row-shape.js';

export const PORTION = 50_000;

export interface CompanionFiles {
  /** Rows of roles.csv, from its start. */
  readonly roles: () => AsyncIterable<Row>;
  /** Rows of userProfiles.csv, from its start. */
  readonly userProfiles: () => AsyncIterable<Row>;
}

export async function* withCompanions(
  users: AsyncIterable<Row>,
  files: CompanionFiles,
  portion = PORTION,
): AsyncGenerator<Row> {
  let taken: Row[] = [];
  for await (const user of users) {
    taken.push(user);
    if (taken.length < portion) continue;
    yield* await joined(taken, files);
    taken = [];
  }
  if (taken.length > 0) yield* await joined(taken, files);
}

async function joined(users: readonly Row[], { roles, userProfiles }: CompanionFiles): Promise<Row[]> {
  const ids = new Set(users.map(({ sourcedId }) => sourcedId));
  const rolesOf = await gather(ids, roles(), toRole);
  const profilesOf = await gather(ids, userProfiles(), toProfile);
  return users.map((user) => {
    const own = rolesOf.get(user.sourcedId);
    const profiles = profilesOf.get(user.sourcedId);
    return {
      ...user,
      ...(own === undefined ? {} : { roles: own }),
      ...(profiles === undefined ? {} : { userProfiles: profiles }),
    };
  });
}

async function gather(
  ids: ReadonlySet<unknown>,
  rows: AsyncIterable<Row>,
  toPart: (row: Row) => Row,
): Promise<ReadonlyMap<unknown, Row[]>> {
  const found = new Map<unknown, Row[]>();
  for await (const row of rows) {
    const id = (row.user as { sourcedId?: unknown } | undefined)?.sourcedId;
    if (!ids.has(id) || row.status === 'tobedeleted') continue;
    const of = found.get(id);
    if (of === undefined) found.set(id, [toPart(row)]);
    else of.push(toPart(row));
  }
  return found;
}

/** As the REST API shows one: its own id, status and time are no part of a user. */
function toRole({ user: _user, sourcedId: _id, status: _status, dateLastModified: _at, ...role }: Row): Row {
  const profile = role.userProfile as { sourcedId: string } | undefined;
  return profile === undefined ? role : { ...role, userProfile: profile.sourcedId };
}

/** Without credentials: a name to log in with is for the vendor it was made for. */
function toProfile({ sourcedId, profileType, vendorId, applicationId, description }: Row): Row {
  const profile = { profileId: sourcedId, profileType, vendorId, applicationId, description };
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined));
}
