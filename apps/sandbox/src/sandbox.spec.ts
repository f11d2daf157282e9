import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { ATTRIBUTES } from './roster/plain-record.js';
import { plainOf, readAll, Visit, type Row } from './visit.fixture.js';

let visit: Visit;
beforeEach(() => {
  visit = new Visit();
});
afterEach(() => visit.end());

describe('the sandbox', () => {
  it('says at its root that it is a look-alike', async () => {
    await visit.start();
    expect(await (await fetch(visit.running.url)).text()).toMatch(/look-alike/);
  });

  it('shares two districts of the documented size', async () => {
    await visit.start();
    const districts = (await visit.control('GET', 'districts')) as unknown as Row[];
    expect(districts.map(({ totals }) => totals)).toEqual(
      Array(2).fill({
        orgs: 4,
        academicSessions: 1,
        courses: 9,
        classes: 9,
        users: 88,
        demographics: 30,
        enrollments: 99,
      }),
    );
    const users = await visit.truth(String(districts[0]?.districtId), 'users');
    const roles = new Map<unknown, number>();
    for (const { role } of users) roles.set(role, (roles.get(role) ?? 0) + 1);
    expect(Object.fromEntries(roles)).toEqual({
      student: 30,
      teacher: 3,
      administrator: 6,
      parent: 25,
      guardian: 24,
    });
  });

  it('has references that close, and three classes for each student in one of their schools', async () => {
    await visit.start();
    const { id } = await visit.firstDistrict();
    const ids = new Map<EntityType, Set<string>>();
    for (const type of ENTITY_TYPES) {
      ids.set(type, new Set((await visit.truth(id, type)).map(({ sourcedId }) => sourcedId)));
    }
    for (const type of ENTITY_TYPES) {
      for (const record of await visit.truth(id, type)) {
        for (const { name, kind, to } of ATTRIBUTES[type]) {
          if (kind !== 'reference' && kind !== 'references') continue;
          for (const target of [record[name] ?? []].flat() as string[]) {
            expect([name, ids.get(to)?.has(target)]).toEqual([name, true]);
          }
        }
      }
    }
    const users = new Map((await visit.truth(id, 'users')).map((user) => [user.sourcedId, user]));
    const classesOf = new Map<string, number>();
    for (const { user, school, role } of await visit.truth(id, 'enrollments')) {
      expect(users.get(String(user))?.orgs).toContain(school);
      expect(users.get(String(user))?.role).toBe(role);
      if (role === 'student') classesOf.set(String(user), (classesOf.get(String(user)) ?? 0) + 1);
    }
    expect([...classesOf.values()]).toEqual(Array(30).fill(3));
  });

  it.each([1, 7, 500])('gives exactly the truth when paged to the end by %d', async (limit) => {
    await visit.start();
    const { id, get } = await visit.firstDistrict();
    for (const type of ENTITY_TYPES) {
      const rows = await readAll(get, type, limit);
      expect(rows.map((row) => plainOf(type, row))).toEqual(await visit.truth(id, type));
    }
  });

  it('clamps the limit to 500, defaults to 100, and tells totals and links without brackets', async () => {
    await visit.start({ districts: 0, records: 5_000 });
    const { get } = await visit.firstDistrict();
    const sizes: number[] = [];
    for (const query of ['', '?limit=10000']) {
      const answer = await get(`enrollments${query}`);
      const { enrollments } = (await answer.json()) as { enrollments: Row[] };
      sizes.push(enrollments.length);
      expect(Number(answer.headers.get('x-total-count'))).toBeGreaterThan(2_500);
      expect(answer.headers.get('link')).toMatch(/^http[^<>]*offset=\d*1; rel="next"/);
    }
    expect(sizes).toEqual([100, 500]);
  });

  it('answers 401 without a token, with a made-up one, and with the partner’s', async () => {
    await visit.start();
    const url = `${visit.running.url}/datahub/services/ims/oneroster/v1p1/users`;
    const partner = await visit.tokenText(visit.running.partner);
    for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: `Bearer ${partner}` }]) {
      expect((await fetch(url, { headers })).status).toBe(401);
    }
    expect((await visit.token({ clientId: 'who', clientSecret: 'knows' })).status).toBe(401);
  });

  it('answers a token request as documented', async () => {
    await visit.start();
    const answer = await visit.token(visit.running.partner);
    expect(await answer.json()).toMatchObject({ token_type: 'bearer', expires_in: 7199 });
  });

  it('gives each district its own records, and one record by id', async () => {
    await visit.start();
    const { id, get } = await visit.firstDistrict();
    const [user] = await visit.truth(id, 'users');
    const answer = await get(`users/${user?.sourcedId}`);
    expect(((await answer.json()) as { user: Row }).user.sourcedId).toBe(user?.sourcedId);
    expect((await get('users/nobody')).status).toBe(404);
    const other = (await visit.discover())[1]?.districtGuid ?? '';
    const ids = new Set((await visit.truth(other, 'users')).map(({ sourcedId }) => sourcedId));
    expect(ids.has(user?.sourcedId ?? '')).toBe(false);
  });

  it('serves the parts of collections under their own roots', async () => {
    await visit.start();
    const { get } = await visit.firstDistrict();
    const counts: Record<string, unknown> = {};
    for (const root of ['schools', 'students', 'teachers', 'terms']) {
      counts[root] = (await get(root)).headers.get('x-total-count');
    }
    expect(counts).toEqual({ schools: '3', students: '30', teachers: '3', terms: '0' });
  });

  it('makes a district of exactly the number of records asked for, in order of unique ids', async () => {
    await visit.start({ districts: 0, records: 20_000 });
    const { id } = await visit.firstDistrict();
    let total = 0;
    for (const type of ENTITY_TYPES) {
      const ids = (await visit.truth(id, type)).map(({ sourcedId }) => sourcedId);
      expect(ids).toEqual([...new Set(ids)].sort());
      total += Number((await visit.control('GET', `districts/${id}/records/${type}`)).total);
    }
    expect(total).toBe(20_000);
  });

  it('serves a CSV bundle as one district', async () => {
    const csv = join(visit.folder, 'bundle');
    const users =
      'sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,metadata.gg4l.x\r\n' +
      'u 1,active,2026-01-01,true,"o1,o2",student,u1,"{SIS:1},{LDAP:2}","Ann ""Annie""","Lee, Jr.",y\r\n';
    mkdirSync(csv);
    writeFileSync(join(csv, 'users.csv'), users);
    await visit.start({ districts: 0, csv });
    const { id, get } = await visit.firstDistrict();
    const [truth] = await visit.truth(id, 'users');
    expect(truth).toMatchObject({
      sourcedId: 'u 1',
      enabledUser: true,
      orgs: ['o1', 'o2'],
      userIds: [
        { type: 'SIS', identifier: '1' },
        { type: 'LDAP', identifier: '2' },
      ],
      givenName: 'Ann "Annie"',
      familyName: 'Lee, Jr.',
      extensions: { metadata: { 'gg4l.x': 'y' } },
    });
    expect((await readAll(get, 'users', 100)).map((row) => plainOf('users', row))).toEqual([truth]);
  });
});
