import { describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { readRecord } from './index.js';

function canonical(type: EntityType, attributes: object): Record<string, unknown> {
  const reading = readRecord(type, { sourcedId: 'a', ...attributes });
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  const { sourcedId, ...rest } = JSON.parse(reading.canonical.toString()) as Record<string, unknown>;
  expect(sourcedId).toBe('a');
  return rest;
}

describe('OneRoster 1.2 users', () => {
  const student = { roleType: 'secondary', role: 'student', org: { sourcedId: 's2' } };
  const aide = { roleType: 'primary', role: 'aide', org: { sourcedId: 's1' } };

  it('take role and orgs from roles, and keep roles', () => {
    const user = canonical('users', { roles: [student, aide] });
    expect(user).toMatchObject({ role: 'aide', orgs: ['s1', 's2'] });
    expect(user.extensions).toHaveProperty('roles.length', 2);
    expect(canonical('users', { roles: [aide, student] })).toEqual(user);
  });

  it('keep beginDate and endDate of a role, and drop its href', () => {
    const dated = {
      ...aide,
      beginDate: '2026-08-01',
      endDate: '2027-06-30',
      org: { href: 'https://h', sourcedId: 's1' },
    };
    const { extensions } = canonical('users', { roles: [dated] });
    expect(extensions).toEqual({ roles: [{ ...dated, org: { sourcedId: 's1' } }] });
  });

  it('without a primary role take the first by spelling, in any order', () => {
    const roles = [student, { role: 'guardian' }];
    expect(canonical('users', { roles })).toMatchObject({ role: 'guardian' });
    expect(canonical('users', { roles: roles.toReversed() })).toMatchObject({ role: 'guardian' });
  });

  it('keep a role and orgs of their own', () => {
    expect(canonical('users', { role: 'teacher', orgs: ['s9'], roles: [aide] })).toMatchObject({
      role: 'teacher',
      orgs: ['s9'],
    });
  });

  it('without roles take their orgs from primaryOrg, and keep it', () => {
    const primaryOrg = { href: 'https://host/orgs/s1', sourcedId: 's1', type: 'org' };
    expect(canonical('users', { primaryOrg })).toEqual({
      orgs: ['s1'],
      extensions: { primaryOrg: { sourcedId: 's1', type: 'org' } },
    });
    expect(canonical('users', { primaryOrg, roles: [student] })).toMatchObject({ orgs: ['s2'] });
  });

  it('keep preferred names, pronouns and userMasterIdentifier under extensions, by the names of the standard', () => {
    const extensions = {
      ...{ preferredFirstName: 'Ada', preferredMiddleName: 'M', preferredLastName: 'King' },
      ...{ pronouns: 'she/her', userMasterIdentifier: 'um-1' },
    };
    expect(canonical('users', { ...extensions, givenName: 'Augusta' })).toEqual({
      givenName: 'Augusta',
      extensions,
    });
  });

  it('keep userProfiles in no order, without their credentials', () => {
    const one = { profileId: 'p1', vendorId: 'v', applicationId: 'app', credentialId: 'c1' };
    const other = { profileId: 'p2', vendorId: 'w', applicationId: 'app' };
    const secret = [{ type: 'login', username: 'ada', password: 'hidden' }];
    const user = canonical('users', { userProfiles: [other, { ...one, credentials: secret }] });
    expect(user).toEqual({ extensions: { userProfiles: expect.arrayContaining([one, other]) } });
    expect(canonical('users', { userProfiles: [one, other] })).toEqual(user);
  });
});

describe('OneRoster 1.2 vocabularies', () => {
  it.each<[EntityType, string, string]>([
    ['users', 'role', 'ext:librarian'],
    ['enrollments', 'role', 'ext:observer'],
    ['orgs', 'type', 'ext:campus'],
    ['academicSessions', 'type', 'ext:quarter'],
    ['classes', 'classType', 'ext:club'],
    ['demographics', 'sex', 'other'],
    ['demographics', 'sex', 'unspecified'],
  ])('%s may have a %s %j', (type, name, value) => {
    expect(canonical(type, { [name]: value })).toEqual({ [name]: value });
  });

  it('a role in roles may be ext: too', () => {
    expect(canonical('users', { roles: [{ roleType: 'primary', role: 'ext:nurse' }] })).toMatchObject({
      role: 'ext:nurse',
    });
  });
});
