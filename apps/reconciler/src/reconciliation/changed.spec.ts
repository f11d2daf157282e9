import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Change, RawMessage } from '#contracts';
import { NO_DIGESTS } from '#oneroster';
import {
  DISTRICT,
  openedAt,
  snapshotMessages,
  applyAndSweep,
  type Shared,
} from '../../test/district.fixture.js';
import { inMemory, type PartitionGround } from '../../test/partition.ground.js';

let ground: PartitionGround;

beforeEach(async () => {
  ground = inMemory();
  await ground.ask();
});

const shared = (users: Readonly<Record<string, string>>): Shared => ({ orgs: { north: 'v1' }, users });
const last = (gg4lId: string): Change | undefined =>
  ground.logs.changes.findLast((change) => change.gg4lId === gg4lId);

describe('an event says which attributes changed', () => {
  /** A run whose records of users have these bodies. */
  async function runOf(generation: number, bodies: Readonly<Record<string, object>>): Promise<void> {
    const contents = Object.fromEntries(
      Object.entries(bodies).map(([id, body]) => [id, JSON.stringify(body)]),
    );
    const messages = snapshotMessages(generation, { users: contents }).map((message): RawMessage => {
      if (message.kind !== 'records') return message;
      const records = message.records.map((record) => {
        const body = Buffer.from(JSON.stringify(bodies[record.gg4lId]));
        return { ...record, body };
      });
      return { ...message, records };
    });
    ground.logs.append(...messages, ...applyAndSweep(generation));
    await ground.follow();
  }

  it('by their names: other, new and gone ones', async () => {
    const others = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`o${n}`, { sourcedId: `o${n}` }]),
    );
    await runOf(10, { ...others, ada: { familyName: 'A', givenName: 'Ada', sourcedId: 'ada' } });
    expect(last('ada')).not.toHaveProperty('changed');
    await runOf(11, { ...others, ada: { familyName: 'B', orgs: ['north'], sourcedId: 'ada' } });
    expect(last('ada')).toMatchObject({ verb: 'updated', changed: ['familyName', 'givenName', 'orgs'] });
  });
});

describe('what changed, and when a restored record was archived', () => {
  beforeEach(async () => {
    await ground.run(10, shared({ ada: 'v1', ben: 'v1', cyd: 'v1' }));
    await ground.run(11, shared({ ada: 'v1' }));
  });

  it('is told of one that comes back otherwise', async () => {
    await ground.run(12, shared({ ada: 'v1', ben: 'v2' }));
    expect(last('ben')).toMatchObject({
      verb: 'restored',
      changed: ['extensions'],
      archivedAt: openedAt(11),
    });
  });

  it('is only the latter of one that comes back as it was', async () => {
    await ground.run(12, shared({ ada: 'v1', ben: 'v1' }));
    expect(last('ben')).toMatchObject({ verb: 'restored', archivedAt: openedAt(11) });
    expect(last('ben')).not.toHaveProperty('changed');
  });

  it('is the time of its last archive, not of one before it was back', async () => {
    await ground.run(12, shared({ ada: 'v1', ben: 'v1' }));
    await ground.run(13, shared({ ada: 'v1' }));
    await ground.run(14, shared({ ada: 'v1', ben: 'v1' }));
    expect(last('ben')).toMatchObject({ archivedAt: openedAt(13) });
    await ground.run(15, shared({ ada: 'v1', ben: 'v2' }));
    expect(last('ben')).toMatchObject({ verb: 'updated', changed: ['extensions'] });
    expect(last('ben')).not.toHaveProperty('archivedAt');
  });

  it('outlives a refresh, whose events name no attribute, and of an archive the time', async () => {
    await ground.run(12, shared({ ada: 'v1' }), ['users']);
    expect(last('ada')).toMatchObject({ verb: 'updated', cause: 'refresh' });
    expect(last('ada')).not.toHaveProperty('changed');
    expect(last('ben')).toMatchObject({ verb: 'archived', cause: 'refresh', archivedAt: openedAt(11) });
    await ground.run(13, shared({ ada: 'v2', ben: 'v2' }));
    expect(last('ada')).toMatchObject({ changed: ['extensions'] });
    expect(last('ben')).toMatchObject({ changed: ['extensions'], archivedAt: openedAt(11) });
  });

  it('is the same in a repeat: a worker dies between sending and writing', async () => {
    const before = ground.logs.changes.length;
    ground.atFailpoint = (name) => {
      if (name === 'reconciler.after-emit' || name === 'reconciler.after-archive') throw new Error('crash');
    };
    const crashed = ground.run(12, shared({ ada: 'v2', ben: 'v2' }));
    await expect(crashed).rejects.toThrow('crash');
    const sent = ground.logs.changes.slice(before);
    expect(sent).toMatchObject([{ changed: ['extensions'] }, { archivedAt: openedAt(11) }]);
    ground.atFailpoint = () => undefined;
    await ground.follow();
    expect(ground.logs.changes.slice(before + sent.length)).toEqual(sent);
  });

  it('is not told where the index does not know: nothing is made up', async () => {
    const group = {
      districtId: DISTRICT,
      entityType: 'users',
      generation: 0,
      gg4lIds: ['ada', 'ben'],
    } as const;
    const { groups, position } = await ground.index.read(0, [], [group]);
    if (position === null) throw new Error('the partition is followed');
    const entries = (groups[0]?.entries ?? []).flatMap((entry, at) =>
      entry === null
        ? []
        : [{ gg4lId: group.gg4lIds[at] ?? '', entry: { ...entry, digests: NO_DIGESTS, archivedAtMs: 0 } }],
    );
    await ground.index.load(0, position.epoch + 1, DISTRICT, 'users', entries, {
      first: true,
      digest: { active: 1, xor: '0000000000000000' },
    });
    const epoch = position.epoch + 1;
    const fencedAt = await ground.logs.fenceRaw(0, epoch, 'another');
    const place = { epoch, next: fencedAt + 1n, fencedAt, fencedBy: 'another' };
    await ground.index.install(0, { ...position, ...place }, []);
    await ground.run(12, shared({ ada: 'v2', ben: 'v2' }));
    expect(last('ada')).toMatchObject({ verb: 'updated' });
    expect(last('ben')).toMatchObject({ verb: 'restored' });
    for (const id of ['ada', 'ben']) {
      expect(last(id)).not.toHaveProperty('changed');
      expect(last(id)).not.toHaveProperty('archivedAt');
    }
  });
});
