import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { plainOf, readAll, Visit } from '../visit.fixture.js';

let visit: Visit;
let id: string;
let get: (path: string) => Promise<Response>;

beforeEach(async () => {
  visit = new Visit();
  await visit.start();
  ({ id, get } = await visit.firstDistrict());
});
afterEach(() => visit.end());

const stampNow = async (): Promise<string | undefined> =>
  (await visit.discover())[0]?.lastDataProcessingCompletedTimestamp;

async function expectSourceEqualsTruth(): Promise<void> {
  for (const type of ENTITY_TYPES) {
    const rows = await readAll(get, type, 13);
    expect(rows.map((row) => plainOf(type, row))).toEqual(await visit.truth(id, type));
  }
}

describe('the control interface', () => {
  it('shows each edit in the source and in the truth alike', async () => {
    const [first = '', second = '', third = '', fourth = ''] = await visit.truthIds(id, 'users');
    const users = `districts/${id}/records/users`;
    await visit.control('PATCH', `${users}/${first}`, { attributes: { familyName: 'Née "X"', email: null } });
    await visit.control('DELETE', `${users}/${second}`);
    await visit.control('POST', `${users}/${third}/unshare`);
    await visit.control('POST', `${users}/${fourth}/withdraw`);
    const odd = { sourcedId: '!a/ b%|Ü', username: 'odd', role: 'student', enabledUser: false };
    await visit.control('POST', users, odd);

    await expectSourceEqualsTruth();
    const truth = await visit.truth(id, 'users');
    expect(truth).toHaveLength(87);
    expect(truth[0]).toMatchObject(odd);
    expect(truth.find(({ sourcedId }) => sourcedId === first)).toMatchObject({ familyName: 'Née "X"' });
    expect(truth.find(({ sourcedId }) => sourcedId === first)).not.toHaveProperty('email');
    expect(truth.find(({ sourcedId }) => sourcedId === fourth)).toMatchObject({ status: 'tobedeleted' });
    expect((await get(`users/${encodeURIComponent(odd.sourcedId)}`)).status).toBe(200);
    expect((await get(`users/${second}`)).status).toBe(404);
    expect((await visit.control('GET', `${users}?shared=false`)).records).toEqual([
      { sourcedId: second, why: 'removed' },
      { sourcedId: third, why: 'unshared' },
      { sourcedId: fourth, why: 'tobedeleted' },
    ]);
  });

  it('brings an unshared, a withdrawn and a removed record back', async () => {
    const before = await visit.truth(id, 'courses');
    const [first = '', second = '', third = ''] = before.map(({ sourcedId }) => sourcedId);
    const courses = `districts/${id}/records/courses`;
    await visit.control('POST', `${courses}/${first}/unshare`);
    await visit.control('POST', `${courses}/${second}/withdraw`);
    await visit.control('DELETE', `${courses}/${third}`);
    await visit.control('POST', `${courses}/${first}/reshare`);
    await visit.control('POST', `${courses}/${second}/reinstate`);
    await visit.control('POST', courses, { sourcedId: third, title: 'Back again' });
    const after = await visit.truth(id, 'courses');
    const timeless = (records: typeof after) =>
      records.map((record) => ({ ...record, dateLastModified: '' }));
    expect(timeless(after.slice(0, 2))).toEqual(timeless(before.slice(0, 2)));
    expect(after).toHaveLength(9);
    expect(after[2]).toMatchObject({ sourcedId: third, title: 'Back again' });
    await expectSourceEqualsTruth();
  });

  it('unshares a school with all that hangs on it and nothing else, and shares it again', async () => {
    const before = new Map<string, unknown>();
    for (const type of ENTITY_TYPES) before.set(type, await visit.truth(id, type));
    const school = (await visit.truth(id, 'orgs')).find(({ type }) => type === 'school')?.sourcedId ?? '';
    await visit.control('POST', `districts/${id}/schools/${school}/unshare`);

    await expectSourceEqualsTruth();
    expect(await visit.truthIds(id, 'orgs')).toHaveLength(3);
    const totals = (await visit.control('GET', `districts/${id}`)).totals;
    expect(totals).toMatchObject({ courses: 7, classes: 6, demographics: 20, enrollments: 66 });
    const users = await visit.truth(id, 'users');
    expect(88 - users.length).toBeGreaterThan(20);
    expect(users.filter(({ orgs }) => (orgs as string[]).every((org) => org === school))).toEqual([]);
    expect(users.filter(({ orgs }) => (orgs as string[]).includes(school))).not.toEqual([]);
    const ids = new Set(users.map(({ sourcedId }) => sourcedId));
    const people = [...(await visit.truthIds(id, 'demographics'))];
    expect(people.filter((person) => !ids.has(person))).toEqual([]);

    await visit.control('POST', `districts/${id}/schools/${school}/reshare`);
    for (const type of ENTITY_TYPES) expect(await visit.truth(id, type)).toEqual(before.get(type));
  });

  it('keeps edits, credentials and the stamp over a restart', async () => {
    const [first = ''] = await visit.truthIds(id, 'users');
    await visit.control('DELETE', `districts/${id}/records/users/${first}`);
    await visit.control('POST', `districts/${id}/change`, { percent: 50 });
    await visit.control('POST', `districts/${id}/credentials/rotate`);
    const truth = await visit.truth(id, 'users');
    const [entry] = await visit.discover();
    await visit.start();
    expect(await visit.truth(id, 'users')).toEqual(truth);
    const [again] = await visit.discover();
    expect({ ...again, tokenUrl: '', apiUrl: '' }).toEqual({ ...entry, tokenUrl: '', apiUrl: '' });
  });

  it('moves the readiness stamp with every edit, unless told not to', async () => {
    const [first = '', second = ''] = await visit.truthIds(id, 'users');
    const before = await stampNow();
    await visit.control('DELETE', `districts/${id}/records/users/${first}?stamp=false`);
    expect(await stampNow()).toBe(before);
    await visit.control('DELETE', `districts/${id}/records/users/${second}`);
    const after = await stampNow();
    expect(after).not.toBe(before);
    await visit.control('POST', `districts/${id}/stamp`);
    expect(await stampNow()).not.toBe(after);
    await visit.control('POST', `districts/${id}/stamp`, { stamp: null });
    expect(await stampNow()).toBeNull();
  });

  it('changes about the percentage asked for, each time anew', async () => {
    await visit.start({ districts: 0, records: 20_000 });
    ({ id, get } = await visit.firstDistrict());
    const before = JSON.stringify(await visit.truth(id, 'enrollments'));
    const changed = async (since: string): Promise<number> => {
      const old = JSON.parse(since) as unknown[];
      const now = await visit.truth(id, 'enrollments');
      return (
        now.filter((record, at) => JSON.stringify(record) !== JSON.stringify(old[at])).length / now.length
      );
    };
    const some = { percent: 1, types: ['enrollments'] };
    const answer = await visit.control('POST', `districts/${id}/change`, some);
    expect(answer).toMatchObject({ sourcedIds: [] });
    expect(await changed(before)).toBeGreaterThan(0.006);
    expect(await changed(before)).toBeLessThan(0.014);
    const middle = JSON.stringify(await visit.truth(id, 'enrollments'));
    await visit.control('POST', `districts/${id}/change`, { percent: 100, types: ['enrollments'] });
    expect(await changed(middle)).toBe(1);
  });

  it('lets an attribute go out in any form while the truth stays', async () => {
    const [user] = await visit.truth(id, 'users');
    const wire = { enabledUser: 't', grades: '09,10', orgs: 7 };
    await visit.control('PATCH', `districts/${id}/records/users/${user?.sourcedId}`, { wire });
    const [row] = await readAll(get, 'users', 500);
    expect(row).toMatchObject(wire);
    const [after] = await visit.truth(id, 'users');
    expect({ ...after, dateLastModified: '' }).toEqual({ ...user, dateLastModified: '' });
  });

  it('takes many edits at once', async () => {
    const ids = await visit.truthIds(id, 'enrollments');
    const commands = ids
      .slice(0, 40)
      .map((sourcedId) => ({ verb: 'unshare', type: 'enrollments', sourcedId }));
    await visit.control('POST', `districts/${id}/edits`, commands);
    expect(await visit.truthIds(id, 'enrollments')).toEqual(ids.slice(40));
  });

  it('refuses what is misspelt, unknown or there already', async () => {
    const [first = ''] = await visit.truthIds(id, 'users');
    const users = `districts/${id}/records/users`;
    const refusals: [string, string, unknown, number][] = [
      ['PATCH', `${users}/${first}`, { attributes: { famillyName: 'X' } }, 400],
      ['PATCH', `${users}/${first}`, { attributes: { enabledUser: 'true' } }, 400],
      ['PATCH', `${users}/nobody`, { attributes: { email: 'x' } }, 404],
      ['POST', users, { sourcedId: first }, 409],
      ['POST', `districts/${id}/change`, { percent: 0 }, 400],
      ['POST', 'faults', { kind: 'gremlins' }, 400],
      ['GET', 'districts/nowhere', undefined, 404],
      ['GET', `districts/${id}/records/pupils`, undefined, 400],
    ];
    for (const [method, path, body, status] of refusals) {
      expect([path, (await visit.refusable(method, path, body)).status]).toEqual([path, status]);
    }
  });

  it.each([
    ['suspended', true, 200, 403],
    ['expired', true, 401, 401],
    ['removed', false, 401, 401],
  ] as const)('makes a district %s', async (standing, isListed, tokenStatus, dataStatus) => {
    const [entry] = await visit.discover();
    if (!entry) throw new Error('no district');
    await visit.control('POST', `districts/${id}/standing`, { standing });
    const listed = (await visit.discover()).find(({ districtGuid }) => districtGuid === id);
    expect(listed !== undefined).toBe(isListed);
    if (listed) expect(Date.parse(listed.expiryDate) < Date.now()).toBe(standing === 'expired');
    expect((await visit.token(entry)).status).toBe(tokenStatus);
    expect((await get('users')).status).toBe(dataStatus);
  });

  it('ends tokens and pairs when credentials rotate', async () => {
    const [entry] = await visit.discover();
    if (!entry) throw new Error('no district');
    await visit.control('POST', `districts/${id}/credentials/rotate`);
    expect((await get('users')).status).toBe(401);
    expect((await visit.token(entry)).status).toBe(401);
    ({ get } = await visit.firstDistrict());
    expect((await get('users')).status).toBe(200);
  });
});
