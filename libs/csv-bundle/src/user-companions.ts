/*
 * OneRoster 1.2 spreads a user over three files. The roles and profiles are held while the users stream by, as text;
 * what would be too much at once is taken in passes over all three files, each for its share of the users, so that
 * memory is bounded whatever the size and order of the files. Each user comes once; their order does not matter.
 */
import type { Row } from './row-shape.js';

/** Bytes of roles.csv and userProfiles.csv that one pass may hold. */
const BYTES_PER_PASS = 48 * 1024 * 1024;

/** Each opens its file from the start. */
export interface UserFiles {
  readonly users: () => AsyncIterable<Row>;
  readonly roles: () => AsyncIterable<Row>;
  readonly userProfiles: () => AsyncIterable<Row>;
}

/** What a user's rows in another file add up to, as elements of a JSON list. */
type Gathered = ReadonlyMap<unknown, string>;

export function passesFor(companionBytes: number): number {
  return Math.max(1, Math.ceil(companionBytes / BYTES_PER_PASS));
}

export async function* withCompanions(files: UserFiles, passes: number): AsyncGenerator<Row> {
  for (let pass = 0; pass < passes; pass += 1) {
    const isIn = (id: unknown): boolean => passes === 1 || shareOf(String(id)) % passes === pass;
    const roles = await gather(files.roles(), isIn, toRole);
    const profiles = await gather(files.userProfiles(), isIn, toProfile);
    for await (const user of files.users()) {
      const { sourcedId } = user;
      if (isIn(sourcedId))
        yield {
          ...user,
          ...listed('roles', roles, sourcedId),
          ...listed('userProfiles', profiles, sourcedId),
        };
    }
  }
}

function listed(name: string, gathered: Gathered, id: unknown): Row {
  const elements = gathered.get(id);
  return elements === undefined ? {} : { [name]: JSON.parse(`[${elements}]`) as unknown };
}

async function gather(
  rows: AsyncIterable<Row>,
  isIn: (id: unknown) => boolean,
  toPart: (row: Row) => Row,
): Promise<Gathered> {
  const found = new Map<unknown, string>();
  for await (const row of rows) {
    const id = (row.user as { sourcedId?: unknown } | undefined)?.sourcedId;
    if (id === undefined || !isIn(id) || row.status === 'tobedeleted') continue;
    const before = found.get(id);
    const part = JSON.stringify(toPart(row));
    found.set(id, before === undefined ? part : `${before},${part}`);
  }
  return found;
}

/** A number that spreads users evenly over the passes. */
function shareOf(id: string): number {
  let share = 7;
  for (let at = 0; at < id.length; at += 1) share = (Math.imul(share, 31) + id.charCodeAt(at)) >>> 0;
  return share;
}

/** As the REST API shows one: its own id, status and time are no part of a user. */
function toRole({ user: _user, sourcedId: _id, status: _status, dateLastModified: _at, ...role }: Row): Row {
  const profile = role.userProfile as { sourcedId: string } | undefined;
  return profile === undefined ? role : { ...role, userProfile: profile.sourcedId };
}

/** Without credentials: a name to log in with is for the vendor it was made for. */
function toProfile({ sourcedId, profileType, vendorId, applicationId, description }: Row): Row {
  return { profileId: sourcedId, profileType, vendorId, applicationId, description };
}
