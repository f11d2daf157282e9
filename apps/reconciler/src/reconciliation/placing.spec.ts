import { beforeEach, describe, expect, it } from '@jest/globals';
import { applyAndSweep, DISTRICT, snapshotMessages } from '../../test/district.fixture.js';
import { contentsOf, inMemory, type PartitionGround } from '../../test/partition.ground.js';
import type { Position } from './index-state.js';

let ground: PartitionGround;

beforeEach(async () => {
  ground = inMemory();
  await ground.ask();
  await ground.run(10, { users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } });
});

/** Moves the position without anything else. */
async function moveTo(change: Partial<Position>): Promise<void> {
  const position = await ground.position();
  if (position === null) throw new Error('the partition has a position');
  expect(await ground.index.write(0, position, { ...position, ...change }, [])).toBe(true);
}

async function expectRebuilt(): Promise<void> {
  await ground.ask();
  expect((await ground.position())?.epoch).toBe(2);
  await ground.run(20, { users: { ada: 'v2' } });
  expect(contentsOf(ground.logs)).toEqual({ 'users/ada': 'v2' });
}

describe('a position that is found', () => {
  /** What a worker that takes the partition up does with a batch from its start. */
  async function takenUp(to: bigint): Promise<{ committed: bigint[]; sought: bigint[] }> {
    const [committed, sought] = [[] as bigint[], [] as bigint[]];
    await ground.loop('other').handle(
      { messages: ground.logs.placed(0n, to), end: ground.logs.rawEnd },
      {
        heartbeat: async () => undefined,
        isLive: () => sought.length === 0,
        commit: async (next) => void committed.push(next),
        seek: (offset) => void sought.push(offset),
      },
    );
    return { committed, sought };
  }

  it.each([-1n, 0n])(
    'beyond all that was fetched is committed: a group that forgot its place knows it again',
    async (more) => {
      const next = (await ground.position())?.next ?? 0n;
      expect(await takenUp(next + more)).toEqual({ committed: [next], sought: [next] });
    },
  );

  it('is not committed where something of the batch is behind it: that is fetched again first', async () => {
    const next = (await ground.position())?.next ?? 0n;
    ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    expect(await takenUp(next + 1n)).toEqual({ committed: [], sought: [next] });
  });
});

describe('a partition is rebuilt where its position', () => {
  it('is above the end of the raw log, which was made anew', async () => {
    ground.logs.raw.length = 0;
    await expectRebuilt();
  });

  it('is below the start of the raw log', async () => {
    ground.logs.append(...snapshotMessages(11, {}));
    ground.logs.rawStart += BigInt(ground.logs.raw.length + 5);
    ground.logs.raw.length = 0;
    await expectRebuilt();
  });

  it.each<Partial<Position>>([
    { mode: 'apply', applyNext: '3' },
    { mode: 'sweep', applyNext: 'users' },
    { mode: 'close' },
  ])('is in the middle of a marker that the raw log does not hold there: %p', async (change) => {
    await moveTo(change);
    await expectRebuilt();
  });

  it('is of an index that lost keys of a district, as soon as the district is followed', async () => {
    const position = await ground.position();
    if (position === null) throw new Error('the partition has a position');
    const digests = { users: { active: 3, xor: '0000000000000000' } };
    await ground.index.write(0, position, position, [{ districtId: DISTRICT, digests }]);
    await ground.ask();
    expect((await ground.position())?.epoch).toBe(1);
    ground.logs.append(...snapshotMessages(11, { users: { ada: 'v2' } }));
    await ground.follow();
    await expectRebuilt();
  });

  it('is in the middle of an APPLY of another run', async () => {
    ground.logs.append(...snapshotMessages(11, { users: {} }));
    await ground.follow();
    await moveTo({ mode: 'apply', applyNext: '3' });
    ground.logs.append(...applyAndSweep(12));
    await expectRebuilt();
  });

  it('is in the middle of an APPLY where the raw log holds records', async () => {
    const run = { districtId: DISTRICT, generation: 11 };
    const batch = (entityType: 'orgs' | 'users') =>
      ({ kind: 'records', ...run, entityType, records: [] }) as const;
    ground.logs.append(batch('orgs'), batch('users'));
    const next = ((await ground.position())?.next ?? 0n) + 1n;
    await moveTo({ mode: 'apply', applyNext: '3', next });
    const loop = ground.loop();
    const turn = {
      heartbeat: async () => undefined,
      isLive: () => true,
      commit: async () => undefined,
      seek: () => undefined,
    };
    // The first time it only finds the position.
    for (let n = 0; n < 2; n += 1) {
      await loop.handle({ messages: ground.logs.placed(next - 1n, next + 1n), end: next + 1n }, turn);
    }
    expect((await ground.position())?.epoch).toBe(2);
  });
});

describe('an ASK that names the epoch its coordinator has heard of', () => {
  it('rebuilds a partition below it above it: a raw log made anew has lost the fence', async () => {
    ground.logs.append({ kind: 'ask', nonce: 'n', epochs: { 0: 5 } });
    await ground.follow();
    expect((await ground.position())?.epoch).toBe(6);
    expect(ground.logs.reports.at(-1)).toMatchObject({ kind: 'rebuilding', epoch: 6 });
    ground.logs.append({ kind: 'ask', nonce: 'again', epochs: { 0: 6 } });
    await ground.follow();
    expect(ground.logs.reports.at(-1)).toEqual({ kind: 'ready', partition: 0, epoch: 6, nonce: 'again' });
  });

  it('is answered by a partition at that epoch, whatever others are at', async () => {
    ground.logs.append({ kind: 'ask', nonce: 'n', epochs: { 0: 1, 1: 9 } });
    await ground.follow();
    expect(ground.logs.reports.at(-1)).toEqual({ kind: 'ready', partition: 0, epoch: 1, nonce: 'n' });
  });
});

describe('a partition is not rebuilt where its position', () => {
  it('is above the end that a batch was read with, but not above the end of the log', async () => {
    const end = ground.logs.rawEnd;
    ground.logs.append({ kind: 'ask', nonce: 'n' });
    await ground.follow();
    let sought = 0n;
    await ground.loop().handle(
      { messages: ground.logs.placed(end - 1n, end), end },
      {
        heartbeat: async () => undefined,
        isLive: () => true,
        commit: async () => undefined,
        seek: (offset) => void (sought = offset),
      },
    );
    expect(sought).toBe(end + 1n);
    expect((await ground.position())?.epoch).toBe(1);
  });
});
