/* What OneRoster 1.2 shows of a user in place of `role` and `orgs`, and beside the rest. */
import type { PlainRecord } from './plain-record.js';

/** Members of the JSON object, each with a comma before it. */
export function usersOfVersion12(record: PlainRecord, oneRosterUrl: string): string {
  const orgs = Array.isArray(record.orgs) ? (record.orgs as string[]) : [];
  const reference = (sourcedId: string) => ({
    href: `${oneRosterUrl}/orgs/${encodeURIComponent(sourcedId)}`,
    sourcedId,
    type: 'org',
  });
  const { sourcedId, role, givenName, familyName, username } = record;
  const shown = {
    userMasterIdentifier: `master-${sourcedId}`,
    roles: orgs.map((org, at) => ({
      roleType: at === 0 ? 'primary' : 'secondary',
      role,
      org: reference(org),
      ...(at === 0 ? { userProfile: `profile-${sourcedId}` } : {}),
    })),
    preferredFirstName: typeof givenName === 'string' ? givenName.slice(0, 3) : undefined,
    preferredLastName: familyName,
    pronouns: 'they/them',
    primaryOrg: orgs[0] === undefined ? undefined : reference(orgs[0]),
    userProfiles: [
      {
        profileId: `profile-${sourcedId}`,
        profileType: 'app',
        vendorId: 'sandbox',
        applicationId: 'reader',
        credentials: [{ type: 'plain', username, password: 'hush' }],
      },
    ],
  };
  return `,${JSON.stringify(shown).slice(1, -1)}`;
}
