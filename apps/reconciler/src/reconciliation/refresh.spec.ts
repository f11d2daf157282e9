import { beforeEach, describe, expect, it } from '@jest/globals';
import { DISTRICT, snapshotMessages, type Shared } from '../../test/district.fixture.js';
import { contentsOf, digestOf, inMemory, type PartitionGround } from '../../test/partition.ground.js';

let ground: PartitionGround;

beforeEach(async () => {
  ground = inMemory();
  await ground.ask();
  await ground.run(10, { orgs: { north: 'v1' }, users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } });
  await ground.run(11, { orgs: { north: 'v1' }, users: { ada: 'v1', ben: 'v1', cyd: 'v1' } });
});

const same: Shared = { orgs: { north: 'v1' }, users: { ada: 'v1', ben: 'v1', cyd: 'v1' } };

describe('a run that refreshes a type', () => {
  it('sends unchanged records again as updated and archived ones as archived, of that type alone', async () => {
    const before = ground.logs.changes.length;
    await ground.run(12, same, ['users']);
    expect(ground.verbs(before)).toEqual([
      'updated users/ada refresh',
      'updated users/ben refresh',
      'updated users/cyd refresh',
      'archived users/dot refresh',
    ]);
    expect(ground.logs.changes.slice(before).every(({ generation }) => generation === 12)).toBe(true);
  });

  it('counts them as refreshed, and as nothing else', async () => {
    await ground.run(12, { orgs: { north: 'v1' }, users: { ada: 'v1', ben: 'v2', eve: 'v1' } }, ['users']);
    expect(ground.logs.reports.findLast(({ kind }) => kind === 'planned')).toMatchObject({
      types: {
        users: { seen: 3, refreshed: 1, unchanged: 0, updated: 1, created: 1, stale: 1 },
        orgs: { refreshed: 0, unchanged: 1 },
      },
    });
    expect(ground.logs.reports.findLast(({ kind }) => kind === 'swept')).toMatchObject({
      types: { users: { archived: 1 } },
    });
  });

  it('needs APPLY, also where nothing changed', async () => {
    const at = { districtId: DISTRICT, generation: 12 };
    const [begin, ...rest] = snapshotMessages(12, same);
    if (begin?.kind !== 'begin') throw new Error('a snapshot begins with BEGIN');
    ground.logs.append({ ...begin, refresh: ['users'] }, ...rest, { kind: 'sweep', ...at, orgs: [] });
    await ground.follow();
    expect(ground.logs.reports.at(-1)).toMatchObject({
      kind: 'failed',
      marker: 'sweep',
      reason: 'cannot sweep: the snapshot is planned',
    });
  });

  it('leaves the digest as it was, and gives every entry its generation', async () => {
    await ground.run(12, same, ['users']);
    const watermark = ground.logs.watermarks.findLast(({ entityType }) => entityType === 'users');
    expect(watermark).toMatchObject({ generation: 12, ...digestOf(ground.logs, 'users') });
    const gg4lIds = ['ada', 'ben', 'cyd', 'dot'];
    const { groups } = await ground.index.read(
      0,
      [],
      [{ districtId: DISTRICT, entityType: 'users', generation: 12, gg4lIds }],
    );
    expect(groups[0]?.entries.map((entry) => [entry?.status, entry?.generation])).toEqual([
      ['active', 12],
      ['active', 12],
      ['active', 12],
      ['archived', 12],
    ]);
  });

  it('archives, restores and updates beside it as always', async () => {
    const before = ground.logs.changes.length;
    await ground.run(12, { users: { ada: 'v2', ben: 'withdrawn', dot: 'v1' } }, ['users']);
    expect(ground.verbs(before).sort()).toEqual([
      'archived orgs/north absent',
      'archived users/ben withdrawn',
      'archived users/cyd absent',
      'restored users/dot',
      'updated users/ada',
    ]);
    expect(contentsOf(ground.logs)).toEqual({ 'users/ada': 'v2', 'users/dot': 'v1' });
  });

  it('leaves a quarantined record that is active alone, and sends the archive of one that is archived again', async () => {
    const before = ground.logs.changes.length;
    await ground.run(12, { orgs: { north: 'v1' }, users: { ada: 'quarantined', dot: 'quarantined' } }, [
      'users',
    ]);
    expect(ground.verbs(before).sort()).toEqual([
      'archived users/ben absent',
      'archived users/cyd absent',
      'archived users/dot refresh',
    ]);
  });

  it('redelivered from before any of its effects, it sends each of them again, identically', async () => {
    const copy = ground.index.copy();
    const before = ground.logs.changes.length;
    await ground.run(12, same, ['users']);
    const sent = ground.logs.changes.slice(before);
    ground.index.restore(copy);
    await ground.follow();
    expect(ground.logs.changes.slice(before + sent.length)).toEqual(sent);
  });
});
