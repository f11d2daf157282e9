import { afterAll, describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { readRecord } from '#oneroster';
import { BundleGround, LEAST, rowsOf, type Files } from '../test/bundle.fixture.js';
import { rowShape } from './row-shape.js';
import { passesFor, withCompanions } from './user-companions.js';

const ground = new BundleGround();
afterAll(() => ground.end());

const one = async (type: EntityType, files: Files, version = '1.1') =>
  (await rowsOf(ground.folder({ ...LEAST, ...files }), type, version))[0];
const file = (header: string, line: string): string => `${header}\n${line}\n`;

describe('a row of a CSV bundle has the shape of the REST API:', () => {
  it.each<[EntityType, string, string, object]>([
    [
      'orgs',
      'sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId',
      's1,active,2026-01-01T00:00:00Z,North,school,N-1,d1',
      {
        ...{ sourcedId: 's1', status: 'active', dateLastModified: '2026-01-01T00:00:00Z', name: 'North' },
        ...{ type: 'school', identifier: 'N-1', parent: { sourcedId: 'd1' } },
      },
    ],
    [
      'academicSessions',
      'sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear',
      't1,Fall,term,2026-08-01,2027-01-01,y1,2027',
      {
        ...{ sourcedId: 't1', title: 'Fall', type: 'term', startDate: '2026-08-01', endDate: '2027-01-01' },
        ...{ parent: { sourcedId: 'y1' }, schoolYear: '2027' },
      },
    ],
    [
      'courses',
      'sourcedId,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes',
      'c1,y1,Art,A1,"09,10",d1,"Art, Design",05',
      {
        ...{ sourcedId: 'c1', schoolYear: { sourcedId: 'y1' }, title: 'Art', courseCode: 'A1' },
        ...{
          grades: ['09', '10'],
          org: { sourcedId: 'd1' },
          subjects: ['Art', 'Design'],
          subjectCodes: ['05'],
        },
      },
    ],
    [
      'classes',
      'sourcedId,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,periods',
      'k1,Art 1,,c1,K,scheduled,R1,s1,"t1, t2","1,2"',
      {
        ...{ sourcedId: 'k1', title: 'Art 1', course: { sourcedId: 'c1' }, classCode: 'K', location: 'R1' },
        ...{ classType: 'scheduled', school: { sourcedId: 's1' }, periods: ['1', '2'] },
        terms: [{ sourcedId: 't1' }, { sourcedId: 't2' }],
      },
    ],
    [
      'enrollments',
      'sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate',
      'e1,k1,s1,u1,teacher,true,2026-08-01,',
      {
        ...{ sourcedId: 'e1', class: { sourcedId: 'k1' }, school: { sourcedId: 's1' }, role: 'teacher' },
        ...{ user: { sourcedId: 'u1' }, primary: 'true', beginDate: '2026-08-01' },
      },
    ],
    [
      'demographics',
      'sourcedId,birthDate,sex,asian,white,hispanicOrLatinoEthnicity,cityOfBirth',
      'u1,2015-02-03,female,true,false,,Oslo',
      {
        ...{ sourcedId: 'u1', birthDate: '2015-02-03', sex: 'female', asian: 'true', white: 'false' },
        cityOfBirth: 'Oslo',
      },
    ],
    [
      'users',
      'sourcedId,enabledUser,orgSourcedIds,role,username,userIds,givenName,agentSourcedIds,grades,password',
      'u1,true,"s1,s2",student,ann,"{SIS:1},{LDAP:2}",Ann,"p1,p2",09,hush',
      {
        ...{ sourcedId: 'u1', enabledUser: 'true', role: 'student', username: 'ann', givenName: 'Ann' },
        ...{ orgs: [{ sourcedId: 's1' }, { sourcedId: 's2' }], grades: ['09'] },
        agents: [{ sourcedId: 'p1' }, { sourcedId: 'p2' }],
        userIds: [
          { type: 'SIS', identifier: '1' },
          { type: 'LDAP', identifier: '2' },
        ],
      },
    ],
  ])('%s', async (type, header, line, row) => {
    const read = await one(type, { [`${type}.csv`]: file(header, line) });
    expect(read).toEqual(row);
    expect(readRecord(type, read).kind).toBe('record');
  });

  it('userIds that are written otherwise stay as they are', () => {
    expect(rowShape('users.csv', ['sourcedId', 'userIds'])(['u1', 'SIS:1'])).toMatchObject({
      userIds: 'SIS:1',
    });
  });
});

describe('a user of OneRoster 1.2', () => {
  const files = {
    'users.csv': file(
      'sourcedId,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns',
      'u1,Annie,M,Lee,s1,they/them\nu2,,,,,',
    ),
    'roles.csv': file(
      'sourcedId,status,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId',
      [
        'r1,,u1,secondary,teacher,,,s2,',
        'r2,active,u1,primary,student,2026-08-01,,s1,p1',
        'r3,tobedeleted,u1,primary,guardian,,,s3,',
        'r4,,u9,primary,teacher,,,s1,',
      ].join('\n'),
    ),
    'userProfiles.csv': file(
      'sourcedId,userSourcedId,profileType,vendorId,applicationId,description,credentialType,username,password',
      'p1,u1,app,v1,a1,Reader,plain,ann,hush',
    ),
  };

  it('has the roles and profiles of the other two files, but no credentials', async () => {
    expect(await one('users', files, '1.2')).toEqual({
      sourcedId: 'u1',
      ...{ preferredFirstName: 'Annie', preferredMiddleName: 'M', preferredLastName: 'Lee' },
      ...{ primaryOrg: { sourcedId: 's1' }, pronouns: 'they/them' },
      roles: [
        { roleType: 'secondary', role: 'teacher', org: { sourcedId: 's2' } },
        ...[{ roleType: 'primary', role: 'student', org: { sourcedId: 's1' }, beginDate: '2026-08-01' }].map(
          (role) => ({ ...role, userProfile: 'p1' }),
        ),
      ],
      userProfiles: [
        { profileId: 'p1', profileType: 'app', vendorId: 'v1', applicationId: 'a1', description: 'Reader' },
      ],
    });
  });

  it('has one role and its orgs once it is read as a record', async () => {
    const reading = readRecord('users', await one('users', files, '1.2'));
    const record: unknown = reading.kind === 'record' ? JSON.parse(reading.canonical.toString()) : null;
    expect(record).toMatchObject({ role: 'student', orgs: ['s1', 's2'] });
  });

  it('comes once and with the same roles in however many passes the files are read', async () => {
    const users = Array.from({ length: 40 }, (_, n) => ({ sourcedId: `u${n}` }));
    const roles = [5, 0, 3, 0, 39].map((n) => ({ user: { sourcedId: `u${n}` }, role: `r${n}` }));
    const joined = async (passes: number) => {
      const rows: string[] = [];
      const files = { users: () => from(users), roles: () => from(roles), userProfiles: () => from([]) };
      for await (const row of withCompanions(files, passes)) rows.push(JSON.stringify(row));
      return rows.sort();
    };
    const once = await joined(1);
    expect(once).toHaveLength(40);
    expect(once).toContain('{"sourcedId":"u0","roles":[{"role":"r0"},{"role":"r0"}]}');
    for (const passes of [2, 3, 7]) expect(await joined(passes)).toEqual(once);
  });

  it('takes more passes the more there is to hold', () => {
    expect([0, 1, 48, 49, 480].map((megabytes) => passesFor(megabytes * 1024 * 1024))).toEqual([
      1, 1, 1, 2, 10,
    ]);
  });
});

async function* from<T>(rows: readonly T[]): AsyncGenerator<T> {
  yield* rows;
}
