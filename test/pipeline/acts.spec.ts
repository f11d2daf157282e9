import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, type ChangeVerb } from '#contracts';
import type { RunView } from './support/coordinator.client.js';
import { Ground } from './support/ground.js';
import type { RosterRow } from './support/roster-rows.js';
import { GROUPS } from './support/topics.js';

/** Each case goes on from the one before. */
describe('a district from its first load to a rejected plan', () => {
  let ground: Ground;
  let districtId: string;
  let school: string;

  beforeAll(async () => {
    ground = await Ground.open('acts');
    await ground.startServices();
    districtId = await ground.firstDistrict();
    const orgs = await ground.sandbox.shared(districtId, 'orgs');
    school = orgs.find(({ type }) => type === 'school')?.sourcedId ?? '';
  });
  afterEach(() => ground.expectEqual(districtId));
  afterAll(() => ground.close());

  /** How often each verb was published in a run. */
  async function publishedIn({ generation }: RunView): Promise<Partial<Record<ChangeVerb, number>>> {
    const counts: Partial<Record<ChangeVerb, number>> = {};
    const events = (await ground.topics.events()).filter((event) => event.generation === generation);
    for (const { verb } of events) counts[verb] = (counts[verb] ?? 0) + 1;
    return counts;
  }

  const planned = (run: RunView, verb: ChangeVerb): number =>
    Object.values(run.types).reduce((sum, counts) => sum + counts[verb], 0);

  const archivedRows = async (): Promise<readonly RosterRow[]> => {
    const rows = await Promise.all(ENTITY_TYPES.map((type) => ground.rows.of(districtId, type)));
    return rows.flat().filter(({ archived_at }) => archived_at !== null);
  };

  it('a record present in a complete snapshot reaches Postgres as it is shared', async () => {
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    expect(run.types.users).toMatchObject({ created: 88, updated: 0, archived: 0 });
  });

  it('a snapshot in which nothing changed publishes no event', async () => {
    const before = await ground.topics.events();
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    expect(run.types.users?.unchanged).toBe(88);
    expect(await ground.topics.events()).toEqual(before);
  });

  it('edits arrive as created, updated and archived, each once', async () => {
    const [changed, gone, withdrawn] = await ground.sandbox.shared(districtId, 'demographics');
    await ground.sandbox.edit(districtId, [
      { verb: 'edit', type: 'demographics', sourcedId: changed?.sourcedId, attributes: { sex: 'other' } },
      { verb: 'remove', type: 'demographics', sourcedId: gone?.sourcedId },
      { verb: 'withdraw', type: 'demographics', sourcedId: withdrawn?.sourcedId },
      { verb: 'add', type: 'orgs', record: { name: 'Birch School', type: 'school', identifier: '77' } },
    ]);
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    const row = async (id = '') => ground.rows.one(districtId, 'demographics', id);
    expect((await row(changed?.sourcedId))?.sex).toBe('other');
    expect((await row(gone?.sourcedId))?.archive_cause).toBe('absent');
    expect((await row(withdrawn?.sourcedId))?.archive_cause).toBe('withdrawn');
    expect(await publishedIn(run)).toEqual({ created: 1, updated: 1, archived: 2 });
  });

  it('a record absent from a complete snapshot is archived, once the guard lets the plan through', async () => {
    const before = await archivedRows();
    await ground.sandbox.school(districtId, school, 'unshare');
    const held = await ground.coordinator.runToEnd(districtId);
    expect(held.state).toBe('held');
    expect(held.stale.map(({ entityType }) => entityType)).toContain('users');
    expect(await archivedRows()).toEqual(before);
    await expect(ground.coordinator.decide(held, 'approval', '0'.repeat(64))).rejects.toThrow('409');
    const approved = await ground.coordinator.decide(held, 'approval');
    const run = await ground.coordinator.settled(approved);
    expect(run).toMatchObject({ state: 'completed', generation: held.generation, digest: held.digest });
    const archived = (await archivedRows()).filter(({ generation }) => generation === run.generation);
    expect(archived.length).toBe(planned(held, 'archived'));
    expect(new Set(archived.map(({ archive_cause }) => archive_cause))).toContain('school-unshared');
  });

  it('a GG4L ID that comes back is restored in place: same key, same row, same history', async () => {
    const before = (await archivedRows()).filter(({ archive_cause }) => archive_cause === 'school-unshared');
    await ground.sandbox.school(districtId, school, 'reshare');
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run.state).toBe('completed');
    const published = await publishedIn(run);
    expect(published).toMatchObject({ restored: planned(run, 'restored') });
    expect(published.created).toBeUndefined();
    const rows = (await Promise.all(ENTITY_TYPES.map((type) => ground.rows.of(districtId, type)))).flat();
    const restored = rows.filter(({ generation }) => generation === run.generation);
    const history = new Map(restored.map(({ gg4l_id, first_seen_at }) => [gg4l_id, first_seen_at]));
    expect(before.length).toBeGreaterThan(0);
    for (const { gg4l_id, first_seen_at } of before) expect(history.get(gg4l_id)).toBe(first_seen_at);
  });

  it('the history names the attributes that changed, and when a restored record had been archived', async () => {
    const [changed, returned] = await ground.sandbox.shared(districtId, 'demographics');
    const of = (record: typeof changed) => ({ type: 'demographics', sourcedId: record?.sourcedId });
    await ground.sandbox.edit(districtId, [
      { verb: 'edit', ...of(changed), attributes: { sex: 'unspecified', cityOfBirth: 'Elsewhere' } },
      { verb: 'withdraw', ...of(returned) },
    ]);
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
    await ground.expectEqual(districtId);
    await ground.sandbox.edit(districtId, [
      { verb: 'reinstate', ...of(returned) },
      { verb: 'edit', ...of(returned), attributes: { cityOfBirth: 'Elsewhere' } },
    ]);
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
    const history = async (id = '') => ground.rows.historyOf('demographics', id);
    expect((await history(changed?.sourcedId)).at(-1)).toMatchObject({
      verb: 'updated',
      changed: ['cityOfBirth', 'sex'],
      was_archived_at: null,
    });
    const [archived, restored] = (await history(returned?.sourcedId)).slice(-2);
    expect(archived).toMatchObject({ verb: 'archived', cause: 'withdrawn', changed: null });
    expect(restored).toMatchObject({
      verb: 'restored',
      changed: ['cityOfBirth'],
      was_archived_at: archived?.changed_at,
    });
  });

  it('an empty collection archives nobody: its plan is held, and rejected it changes nothing', async () => {
    const before = await ground.topics.events();
    await ground.sandbox.fault({ kind: 'empty-list', districtId, entityType: 'users' });
    const held = await ground.coordinator.runToEnd(districtId);
    expect(held.state).toBe('held');
    expect(held.types.users?.archived).toBe(88);
    const rejected = await ground.coordinator.decide(held, 'rejection');
    expect(rejected.state).toBe('rejected');
    await ground.sandbox.noFaults();
    const run = await ground.coordinator.runToEnd(districtId);
    expect(run).toMatchObject({ state: 'completed', types: { users: { unchanged: 88 } } });
    expect(await ground.topics.events()).toEqual(before);
  });

  it('every topic read again from its start changes nothing', async () => {
    const rows = async () => Promise.all(ENTITY_TYPES.map((type) => ground.rows.of(districtId, type)));
    const [before, events] = [await rows(), await ground.topics.events()];
    await ground.stopServices();
    await ground.topics.forgetPlaces();
    for (const group of GROUPS) {
      expect(await ground.topics.lag(group)).toBeGreaterThan(0n);
    }
    await ground.startServices();
    for (const group of GROUPS) {
      await ground.fleet.until(`${group} had read all`, async () => (await ground.topics.lag(group)) === 0n);
    }
    expect(await rows()).toEqual(before);
    expect(await ground.topics.events()).toEqual(events);
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
    expect(await rows()).toEqual(before);
  });
});
