import { beforeEach, describe, expect, it } from '@jest/globals';
import { hash64, MAX_EPOCH, NO_SCHOOL, type ReportOf } from '#contracts';
import { digestsBytes, NO_DIGESTS } from '#oneroster';
import { DISTRICT } from '../../test/district.fixture.js';
import { MemoryRosterIndex } from '../../test/memory.roster-index.js';
import { inMemory, PartitionGround } from '../../test/partition.ground.js';
import { promiseRebuild } from '../../test/rebuild.promises.js';
import type { LoggedChange, Turn } from './ports.js';

describe('a rebuild', () =>
  promiseRebuild(async () => {
    const index = new MemoryRosterIndex();
    return {
      index,
      flush: async () => index.flush(),
      save: async () => {
        const copy = index.copy();
        return async () => index.restore(copy);
      },
    };
  }));

describe('what a rebuild folds', () => {
  let ground: PartitionGround;

  beforeEach(() => {
    ground = inMemory();
  });

  it('keeps the highest generation of an id, wherever it stands in the log', async () => {
    log('users', change('ada', 12, 1, 'updated', 'v2'), change('ada', 11, 1, 'archived', 'v1'));
    expect(await folded('ada')).toMatchObject({ status: 'active', generation: 12 });
  });

  it('ignores what an older epoch wrote behind a fence, and only behind it', async () => {
    log('users', change('ada', 10, 1, 'created', 'v1'), fence(2), change('ada', 11, 1, 'archived', 'v1'));
    log('users', change('ben', 11, 1, 'created', 'v1'), change('cyd', 12, 2, 'created', 'v1'));
    expect(await folded('ada')).toMatchObject({ status: 'active', generation: 10 });
    expect(await folded('ben')).toBeNull();
    expect(await folded('cyd')).toMatchObject({ status: 'active', generation: 12 });
    expect((await ground.position())?.epoch).toBe(3);
  });

  it('passes over watermarks and what cannot be read', async () => {
    const watermark = { kind: 'watermark', districtId: DISTRICT, generation: 99, epoch: 1 } as const;
    log('users', watermark, { kind: 'unreadable' }, change('ada', 10, 1, 'created', 'v1'));
    expect(await folded('ada')).toMatchObject({ generation: 10 });
  });

  it('keeps of an archived record the digests of what was archived, and when that was', async () => {
    log('users', change('ada', 10, 1, 'created', 'v1'), change('ada', 11, 1, 'archived', 'v1'));
    log('users', change('ben', 10, 1, 'created', 'v2'), change('ben', 11, 1, 'archived', 'v1'));
    log('users', change('cyd', 11, 1, 'archived', 'v1'), change('cyd', 12, 1, 'updated', 'v3'));
    expect(await folded('ada')).toMatchObject({ digests: digestsOf('v1'), archivedAtMs: 11 });
    const ben = await folded('ben');
    expect([ben?.digests, ben?.archivedAtMs]).toEqual([NO_DIGESTS, 11]);
    expect(await folded('cyd')).toMatchObject({ digests: digestsOf('v3'), archivedAtMs: 0 });
  });

  it('keeps when a record was archived also where a repeat of the archive does not say', async () => {
    const repeat = { ...change('ada', 12, 1, 'archived', 'v1'), archivedAtMs: 0 };
    log('users', change('ada', 10, 1, 'created', 'v1'), change('ada', 11, 1, 'archived', 'v1'), repeat);
    const entry = { generation: 12, digests: digestsOf('v1'), archivedAtMs: 11 };
    expect(await folded('ada')).toMatchObject(entry);
  });

  it('counts the active alone in the digest', async () => {
    log('users', change('ada', 10, 1, 'created', 'v1'), change('ben', 10, 1, 'archived', 'v1'));
    await ground.ask();
    const { districts } = await ground.index.read(0, [DISTRICT], []);
    expect(districts.get(DISTRICT)?.digests.users?.active).toBe(1);
  });

  it.each([
    ['a fence', () => fence(MAX_EPOCH)],
    ['an event', () => change('ada', 10, MAX_EPOCH, 'created', 'v1')],
  ])('stops the partition where %s has the highest epoch there is, and fences nothing', async (_, stray) => {
    log('users', stray());
    await expect(ground.ask()).rejects.toThrow(/^partition 0 stopped: users holds epoch .* start anew/);
    expect(ground.logs.raw.map(({ kind }) => kind)).toEqual(['ask']);
    expect(ground.logs.reports).toEqual([]);
  });

  it('stops the partition where an ASK names the highest epoch there is', async () => {
    await ground.ask();
    ground.logs.append({ kind: 'ask', nonce: 'n', epochs: { 0: MAX_EPOCH } });
    const stopped = ground.follow();
    await expect(stopped).rejects.toThrow(/^partition 0 stopped: the raw log or the index holds epoch/);
  });

  it('goes up to the highest epoch there is', async () => {
    log('users', fence(MAX_EPOCH - 1));
    await ground.ask();
    expect((await ground.position())?.epoch).toBe(MAX_EPOCH);
  });

  it('stops the partition where an offset of a change topic is below the last one', async () => {
    log('users', change('ada', 10, 1, 'created', 'v1'), change('ben', 10, 1, 'created', 'v1'));
    const users = ground.logs.changeLogs.get('users') ?? [];
    users[1] = { ...users[1], offset: 0n } as LoggedChange;
    await expect(ground.ask()).rejects.toThrow('partition 0 stopped: users: an offset below the last one');
  });

  it('says every five seconds that it is busy', async () => {
    log('users', ...Array.from({ length: 30 }, (_, at) => change(`id ${at}`, 10, 1, 'created', 'v1')));
    await ground.ask(ground.loopWith(() => ({ heartbeat: async () => void (ground.now += 1_500) })));
    const busy = ground.logs.reports.filter((report): report is ReportOf<'busy'> => report.kind === 'busy');
    expect(busy.length).toBeGreaterThanOrEqual(3);
    expect(new Set(busy.map(({ phase }) => phase))).toEqual(new Set(['rebuilding']));
  });

  it('leaves no keys of an epoch given up, also where the process has forgotten those of one before', async () => {
    log('users', change('ada', 10, 1, 'created', 'v1'));
    const loop = ground.loop();
    for (const epoch of [2, 3, 4]) {
      ground.logs.append({ kind: 'fence', epoch, author: 'other' });
      for (let step = 0; step < 5; step += 1) await ground.ask(loop);
      expect((await ground.position())?.epoch).toBe(epoch);
      expect(await ground.index.forgetEpochs(0, epoch)).toBe(false);
    }
  });

  it('gives up as soon as the partition is no longer held', async () => {
    log('users', ...Array.from({ length: 20 }, (_, at) => change(`id ${at}`, 10, 1, 'created', 'v1')));
    ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    let beats = 0;
    const turn: Turn = {
      heartbeat: async () => void (beats += 1),
      isLive: () => beats < 4,
      commit: async () => undefined,
      seek: () => undefined,
    };
    await ground.loop().handle({ messages: ground.logs.placed(0n, 1n), end: 1n }, turn);
    expect(beats).toBeLessThan(10);
    expect(await ground.position()).toBeNull();
    expect(ground.logs.raw).toHaveLength(1);
  });

  async function folded(gg4lId: string) {
    if ((await ground.position()) === null) await ground.ask();
    const group = { districtId: DISTRICT, entityType: 'users', generation: 1, gg4lIds: [gg4lId] } as const;
    const { groups } = await ground.index.read(0, [], [group]);
    return groups[0]?.entries[0];
  }

  type Unplaced<M> = M extends LoggedChange ? Omit<M, 'offset'> : never;

  function log(entityType: 'users', ...messages: readonly Unplaced<LoggedChange>[]): void {
    const log = ground.logs.changeLogs.get(entityType) ?? [];
    for (const message of messages) log.push({ ...message, offset: BigInt(log.length) });
  }
});

const digestsOf = (content: string): Buffer => Buffer.alloc(digestsBytes('users'), content);

function fence(epoch: number) {
  return { kind: 'fence', epoch, author: 'other' } as const;
}

function change(
  gg4lId: string,
  generation: number,
  epoch: number,
  verb: 'created' | 'updated' | 'archived',
  content: string,
) {
  const fingerprint = Buffer.concat([hash64(content), hash64(`${content}!`)]);
  const of = { districtId: DISTRICT, gg4lId, generation, epoch, verb, fingerprint };
  const archivedAtMs = verb === 'archived' ? generation : 0;
  const digests = verb === 'archived' ? NO_DIGESTS : digestsOf(content);
  return { kind: 'change', ...of, schoolHash: NO_SCHOOL, digests, archivedAtMs } as const;
}
