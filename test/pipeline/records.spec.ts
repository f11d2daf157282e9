import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ground } from './support/ground.js';

let ground: Ground;
let districtId: string;

beforeAll(async () => {
  ground = await Ground.open('records', ['--districts', '1']);
  await ground.startServices();
  districtId = await ground.firstDistrict();
  expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
});
afterAll(() => ground.close());

const rowOf = (sourcedId: string) => ground.rows.one(districtId, 'classes', sourcedId);

/** Each case goes on from the one before. */
describe('a class whose school is a number', () => {
  let sourcedId: string;
  let school: unknown;

  it('stays as it was last good, counts as seen, and is listed with the reason', async () => {
    const [first] = await ground.sandbox.shared(districtId, 'classes');
    sourcedId = first?.sourcedId ?? '';
    school = first?.['school'];
    const before = await rowOf(sourcedId);
    const changed = { attributes: { title: 'Changed' }, wire: { school: 12_345 } };
    await ground.sandbox.edit(districtId, [{ verb: 'edit', type: 'classes', sourcedId, ...changed }]);
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    expect(run.found).toMatchObject({
      quarantined: { classes: 1 },
      quarantinedRecords: {
        classes: [{ gg4lId: sourcedId, attribute: 'school', reason: 'not a reference' }],
      },
    });
    expect(run.types.classes).toMatchObject({ archived: 0, updated: 0 });
    expect(await rowOf(sourcedId)).toEqual(before);
  });

  it('leaves quarantine by itself when a later snapshot brings it right', async () => {
    const wire = { school: { sourcedId: school } };
    await ground.sandbox.edit(districtId, [
      { verb: 'edit', type: 'classes', sourcedId, attributes: {}, wire },
    ]);
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    expect(run.found).toMatchObject({ quarantined: { classes: 0 }, quarantinedRecords: {} });
    expect(run.types.classes).toMatchObject({ updated: 1, restored: 0 });
    expect((await rowOf(sourcedId))?.['title']).toBe('Changed');
    await ground.expectEqual(districtId);
  });
});

describe('a record without what the standard requires', () => {
  it('goes through with a warning', async () => {
    const [first] = await ground.sandbox.shared(districtId, 'users');
    const edit = { verb: 'edit', type: 'users', sourcedId: first?.sourcedId, wire: { familyName: '' } };
    await ground.sandbox.edit(districtId, [edit]);
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    expect(run.found.warnings).toEqual({ users: { familyName: { empty: 1 } } });
    expect(run).toMatchObject({ quarantined: 0, warnings: 1 });
  });
});

/** Each case goes on from the one before. */
describe("a district's allow-list", () => {
  const allow = {
    types: ['orgs', 'academicSessions', 'courses', 'classes', 'users', 'enrollments'],
    attributes: { users: ['givenName', 'role', 'orgs'] },
  };

  it('that is narrowed holds the sweep, and what it leaves out is archived only when approved', async () => {
    await ground.coordinator.configure(districtId, { allow });
    const held = await ground.coordinator.runToEnd(districtId);
    expect(held).toMatchObject({ state: 'held', found: { notAllowed: ['demographics'] } });
    expect(held.guard).toContainEqual(
      expect.objectContaining({ rule: 'empty-collection', entityType: 'demographics', effect: 'sweep' }),
    );
    await ground.coordinator.settled(await ground.coordinator.decide(held, 'approval'));
    const demographics = await ground.rows.of(districtId, 'demographics');
    expect(demographics.every(({ archived_at }) => archived_at !== null)).toBe(true);
  });

  it('leaves nothing in Postgres of what it does not name', async () => {
    const users = await ground.rows.of(districtId, 'users');
    expect(users.length).toBeGreaterThan(80);
    for (const user of users) {
      expect(user['given_name']).not.toBeNull();
      expect(user).toMatchObject({ family_name: null, email: null, username: null, extensions: null });
    }
  });

  it('lets the next day through without a word', async () => {
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run).toMatchObject({ state: 'completed', guard: [] });
    expect(run.types.users).toMatchObject({ updated: 0 });
  });
});
