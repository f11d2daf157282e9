import { beforeEach, describe, expect, it } from '@jest/globals';
import { DISTRICT, snapshotMessages } from '../../test/district.fixture.js';
import { inMemory, type PartitionGround } from '../../test/partition.ground.js';
import type { DistrictView, Position } from './index-state.js';
import { NonsenseError, PartitionStoppedError } from './partition-stopped.errors.js';
import type { LoggedChange } from './ports.js';

let ground: PartitionGround;

beforeEach(async () => {
  ground = inMemory();
  await ground.ask();
  await ground.run(10, { users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } });
});

describe('a partition stops with a clear error', () => {
  it('where an offset of the raw log is not above the one before', async () => {
    const [first] = ground.logs.placed(0n, 1n);
    if (first === undefined) throw new Error('the log holds messages');
    const handled = ground.loop().handle(
      { messages: [first, first], end: 1n },
      {
        heartbeat: async () => undefined,
        isLive: () => true,
        commit: async () => undefined,
        seek: () => undefined,
      },
    );
    await expect(handled).rejects.toThrow('partition 0 stopped: offset 0 came after 0');
  });

  it.each<[string, Partial<Position>]>([
    ['an unknown mode', { mode: 'rest' as 'follow' }],
    ['an epoch that is no number', { epoch: Number.NaN }],
    ['an offset below zero', { next: -1n }],
    ['an APPLY at no offset', { mode: 'apply', applyNext: '' }],
    ['a SWEEP of an unknown type', { mode: 'sweep', applyNext: 'teachers' }],
    ['a rest of an APPLY', { applyNext: '7' }],
  ])('where the position is %s', async (_, change) => {
    const answer = ground.index.read.bind(ground.index);
    ground.index.read = async (...asked) => {
      const view = await answer(...asked);
      return view.position === null ? view : { ...view, position: { ...view.position, ...change } };
    };
    await expect(ground.ask()).rejects.toThrow('partition 0 stopped: the position in the index cannot be');
  });

  it.each<[string, (view: DistrictView) => DistrictView]>([
    ['a count of users is no number', (view) => withTally(view, { seen: Number.NaN })],
    ['a count of users is no number', (view) => withTally(view, { created: -1 })],
    ['a sum of users is none', (view) => withTally(view, { idsXor: '' })],
    [
      'the changed range of users is none',
      (view) => withTally(view, { firstChanged: '9', lastChanged: '8' }),
    ],
    ['a generation in the index is no number', (view) => withSnapshot(view, { generation: 0.5 })],
    [
      'a snapshot in the index is in an unknown phase',
      (view) => withSnapshot(view, { phase: 'done' as 'swept' }),
    ],
    [
      'an unknown type is to be refreshed',
      (view) => withSnapshot(view, { refresh: ['teachers' as 'users'] }),
    ],
    [
      'a digest in the index cannot be',
      (view) => ({ ...view, digests: { users: { active: -1, xor: '0000000000000000' } } }),
    ],
    ['a count of archived records is no number', (view) => ({ ...view, archived: { users: Number.NaN } })],
  ])('where %s', async (reason, change) => {
    const answer = ground.index.read.bind(ground.index);
    ground.index.read = async (...asked) => {
      const view = await answer(...asked);
      return {
        ...view,
        districts: new Map([...view.districts].map(([id, district]) => [id, change(district)])),
      };
    };
    ground.logs.append({ kind: 'ask', nonce: 'n', run: { districtId: DISTRICT, generation: 10 } });
    const stopped = ground.follow();
    await expect(stopped).rejects.toThrow(PartitionStoppedError);
    await expect(stopped).rejects.toThrow(`partition 0 stopped: ${reason}`);
  });

  it('where the index answers for other ids than were asked', async () => {
    const answer = ground.index.read.bind(ground.index);
    ground.index.read = async (...asked) => ({ ...(await answer(...asked)), groups: [] });
    const stopped = ground.run(11, { users: { ada: 'v1' } });
    await expect(stopped).rejects.toThrow('the index answered for other ids than were asked');
  });

  it('but not where keys of an epoch that another gave up vanish under its hands', async () => {
    ground.logs.append(...snapshotMessages(11, { users: { ada: 'v1' } }));
    const at11 = { districtId: DISTRICT, generation: 11 };
    ground.logs.append({ kind: 'sweep', ...at11, orgs: [] });
    const { index } = ground;
    const stale = index.stale.bind(index);
    index.stale = async () => {
      index.stale = stale;
      const position = await ground.position();
      if (position === null) throw new Error('the partition has a position');
      const fencedAt = await ground.logs.fenceRaw(0, 2, 'other');
      await index.install(0, { ...position, epoch: 2, next: fencedAt + 1n, fencedAt, fencedBy: 'other' }, []);
      throw new NonsenseError('an active id has no entry in the index');
    };
    await ground.follow();
    expect((await ground.position())?.epoch).toBe(2);
  });

  it('where a change topic names an epoch that is no number', async () => {
    ground.index.flush();
    const users = ground.logs.changeLogs.get('users') ?? [];
    users[0] = { ...users[0], epoch: Number.NaN } as LoggedChange;
    await expect(ground.ask()).rejects.toThrow('partition 0 stopped: users: an epoch that is no number');
  });
});

function withSnapshot(
  view: DistrictView,
  change: Partial<NonNullable<DistrictView['snapshot']>>,
): DistrictView {
  return view.snapshot === null ? view : { ...view, snapshot: { ...view.snapshot, ...change } };
}

function withTally(view: DistrictView, change: object): DistrictView {
  const users = view.snapshot?.types.users;
  return users === undefined
    ? view
    : withSnapshot(view, { types: { ...view.snapshot?.types, users: { ...users, ...change } } });
}

it('a plan that was counted while Redis went back is not reported, and counted again', async () => {
  const { index, logs } = ground;
  const before = index.copy();
  const reported = logs.reports.length;
  logs.append(...snapshotMessages(11, { users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } }));
  const unseen = index.unseen.bind(index);
  index.unseen = (...of) => {
    index.unseen = unseen;
    index.restore(before);
    return unseen(...of);
  };
  await ground.follow();
  const plans = logs.reports.slice(reported).filter(({ kind }) => kind === 'planned');
  expect(plans).toHaveLength(1);
  expect(plans).toMatchObject([{ types: { users: { stale: 0, unchanged: 4 } } }]);
});
