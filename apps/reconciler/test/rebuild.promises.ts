/* What a rebuild promises over any index: the one in memory and the one in Redis. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { applyAndSweep, DISTRICT, openedAt, snapshotMessages } from './district.fixture.js';
import { contentsOf } from './partition.ground.js';
import { RebuildGround, type LosableIndex } from './rebuild.ground.js';
import { promiseLogMadeAnew } from './rebuild-made-anew.promises.js';

let ground: RebuildGround;

export function promiseRebuild(open: () => Promise<LosableIndex>): void {
  beforeEach(async () => {
    ground = new RebuildGround(await open());
    await ground.ask();
    await ground.run(10, { orgs: { north: 'v1' }, users: { ada: 'v1', ben: 'v1', cyd: 'v1' } });
    await ground.run(11, { orgs: { north: 'v1' }, users: { ada: 'v2', ben: 'withdrawn' } });
  });
  describe('of a lost index', promiseContents);
  describe('of a raw log that was made anew', () => promiseLogMadeAnew(() => ground));
  describe('beside another rebuilder', promiseWinner);
  describe('whose fence is lost', promiseFences);
  describe('whose fence is not answered', promiseUnanswered);
  describe('while Redis is lost or comes back old', promiseRedisFaults);
}

function promiseContents(): void {
  it('knows who is active, who is archived, and with which content', async () => {
    const before = ground.logs.changes.length;
    await ground.flush();
    await ground.ask();
    await ground.run(12, { orgs: { north: 'v1' }, users: { ada: 'v2', ben: 'v1', dot: 'v1' } });
    expect(ground.verbs(before)).toEqual(['restored users/ben', 'created users/dot']);
    ground.expectWatermarks();
  });

  it('knows what of a record is other, and when it was archived, also from an archive sent again', async () => {
    await ground.run(12, { orgs: { north: 'v1' }, users: { ada: 'v2' } }, ['users']);
    const before = ground.logs.changes.length;
    await ground.flush();
    await ground.ask();
    await ground.run(13, { orgs: { north: 'v1' }, users: { ada: 'v3', ben: 'v2' } });
    expect(ground.logs.changes.slice(before)).toMatchObject([
      { verb: 'updated', gg4lId: 'ada', changed: ['extensions'] },
      { verb: 'restored', gg4lId: 'ben', changed: ['extensions'], archivedAt: openedAt(11) },
    ]);
  });

  it('has no entry of what a tombstone stands behind, active or archived, and creates it anew', async () => {
    ground.logs.tombstone(DISTRICT, 'users', 'ada');
    ground.logs.tombstone(DISTRICT, 'users', 'ben');
    ground.logs.tombstone(DISTRICT, 'orgs', 'north');
    ground.logs.tombstone(DISTRICT, 'orgs', 'never');
    const before = ground.logs.changes.length;
    await ground.flush();
    await ground.ask();
    await ground.run(12, { orgs: { north: 'v1' }, users: { ada: 'v2', ben: 'v1', cyd: 'v1' } });
    expect(ground.verbs(before)).toEqual([
      'created orgs/north',
      ...['created users/ada', 'created users/ben', 'restored users/cyd'],
    ]);
  });

  it('begins behind its own fence in every log, one epoch up, and reports it once', async () => {
    await ground.flush();
    const sent = ground.logs.reports.length;
    await ground.ask();
    await ground.ask();
    for (const entityType of ENTITY_TYPES) {
      expect(ground.logs.fences(entityType).map(({ epoch }) => epoch)).toEqual([1, 2]);
    }
    expect(ground.logs.reports.slice(sent)).toEqual([
      { kind: 'rebuilding', partition: 0, epoch: 2 },
      { kind: 'ready', partition: 0, epoch: 2, nonce: 'nonce' },
    ]);
  });

  it('answers `failed` for a run whose BEGIN came before, and plans the next', async () => {
    const messages = snapshotMessages(12, { users: { ada: 'v2' } });
    ground.logs.append(...messages.slice(0, 2));
    await ground.follow();
    await ground.flush();
    await ground.ask();
    const sent = ground.logs.reports.length;
    ground.logs.append(...messages.slice(2), ...applyAndSweep(12));
    await ground.follow();
    expect(ground.logs.reports.slice(sent).map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed']);
    await ground.run(13, { orgs: { north: 'v1' }, users: { ada: 'v2' } });
    expect(contentsOf(ground.logs)).toEqual({ 'orgs/north': 'v1', 'users/ada': 'v2' });
  });

  it('crashed between any two of its steps, it is done again from the start', async () => {
    const shared = { orgs: { north: 'v1' }, users: { ada: 'v2', dot: 'v1' } };
    for (let hit = 1, survived = false; !survived; hit += 1) {
      await ground.flush();
      ground.logs.append({ kind: 'ask', nonce: 'nonce' });
      survived = await ground.survives(hit);
      await ground.ask();
      await ground.run(20 + hit, { ...shared, users: { ...shared.users, dot: `v${hit}` } });
      expect(contentsOf(ground.logs)).toMatchObject({ 'users/ada': 'v2', 'users/dot': `v${hit}` });
      ground.expectWatermarks();
      expect(hit).toBeLessThan(50);
    }
  });
}

function promiseWinner(): void {
  it('gives way to one that fenced a change topic first, and does not fold a second time', async () => {
    await ground.flush();
    await ground.rebuildWith('raw fence', 1, () => ground.ask(ground.loop('other')));
    expect((await ground.position())?.epoch).toBe(2);
    expect(new Set(ground.logs.fences('orgs').map(({ author }) => author.split('.')[0]))).toEqual(
      new Set(['author', 'other']),
    );
    await ground.expectToGoOn();
  });

  it('gives way to one that came in between two of its fences', async () => {
    await ground.flush();
    await ground.rebuildWith('change fence', 2, () => ground.ask(ground.loop('other')));
    expect((await ground.position())?.epoch).toBe(3);
    await ground.expectToGoOn();
  });

  it('goes on where the other came to nothing', async () => {
    await ground.flush();
    await ground.rebuildWith('change fence', 1, async () => {
      await ground.logs.fenceRaw(0, 2, 'dead');
      await ground.logs.fenceChange(0, 'orgs', 2, 'dead');
    });
    expect((await ground.position())?.epoch).toBe(3);
    await ground.expectToGoOn();
  });

  it('is not installed over one that began later and was faster', async () => {
    await ground.flush();
    await ground.rebuildAround('install', 1, () => ground.ask(ground.loop('other')));
    expect((await ground.position())?.epoch).toBe(3);
    await ground.expectToGoOn();
  });

  it('follows one whose raw fence it meets, though that came to nothing', async () => {
    const epoch = (await ground.position())?.epoch ?? 0;
    await ground.logs.fenceRaw(0, epoch + 1, 'dead');
    await ground.follow();
    expect((await ground.position())?.epoch).toBe(epoch + 1);
    await ground.expectToGoOn();
  });
}

function promiseFences(): void {
  it.each(['raw fence', 'change fence'] as const)(
    'a %s that was acknowledged and lost is none: all of them are sent again',
    async (kind) => {
      await ground.flush();
      let left = 2;
      ground.logs.isLost = (what) => what === kind && (left -= 1) === 0;
      if (kind === 'raw fence') left = 1;
      await ground.ask();
      const position = await ground.position();
      const fence = ground.logs.raw[Number((position?.next ?? 0n) - 1n)];
      expect(left).toBeLessThan(0);
      expect(fence).toMatchObject({ kind: 'fence', epoch: position?.epoch });
      for (const entityType of ENTITY_TYPES) {
        const fences = ground.logs.fences(entityType);
        expect(fences.at(-1)?.epoch).toBe(position?.epoch);
        // Nobody fences a change topic whose fence is not known to be in the raw log.
        for (const { epoch, author } of fences)
          expect(ground.logs.raw).toContainEqual({ kind: 'fence', epoch, author });
      }
      await ground.expectToGoOn();
    },
  );
}

function promiseUnanswered(): void {
  it('a fence of a change topic is not sent again: the rebuild begins anew as another author', async () => {
    await ground.flush();
    let left = 3;
    ground.logs.isUnanswered = (what) => what === 'change fence' && (left -= 1) === 0;
    await ground.ask();
    const epoch = (await ground.position())?.epoch;
    for (const entityType of ENTITY_TYPES) {
      const fences = ground.logs.fences(entityType);
      expect(fences.at(-1)?.epoch).toBe(epoch);
      const keys = fences.map((fence) => `${fence.epoch}/${fence.author}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
    expect(left).toBeLessThan(0);
    await ground.expectToGoOn();
  });
}

function promiseRedisFaults(): void {
  it('Redis is lost again between its fences', async () => {
    await ground.flush();
    await ground.rebuildWith('change fence', 3, () => ground.flush());
    await ground.expectToGoOn();
  });

  it.each([
    ['load', 1],
    ['load', 2],
    ['install', 1],
  ] as const)(
    'Redis is lost again before %s, call %p: nothing half loaded is followed',
    async (method, nth) => {
      await ground.flush();
      await ground.rebuildAround(method, nth, () => ground.flush());
      await ground.expectToGoOn();
    },
  );

  it('an old copy comes back to one that has seen the new epoch: it rebuilds', async () => {
    const restore = await ground.save();
    await ground.flush();
    const loop = ground.loop('author');
    await ground.ask(loop);
    await ground.run(12, { users: { ada: 'v3' } });
    await ground.ask(loop);
    await restore();
    await ground.ask(loop);
    expect((await ground.position())?.epoch).toBe(3);
    await ground.expectToGoOn();
  });

  it('an old copy comes back to one that has not: it meets the raw fence and rebuilds', async () => {
    const restore = await ground.save();
    await ground.flush();
    await ground.run(12, { users: { ada: 'v3' } });
    await restore();
    await ground.ask(ground.loop('other'));
    expect((await ground.position())?.epoch).toBe(3);
    await ground.expectToGoOn();
  });

  it('an old copy of the same epoch: what was done since is done again, identically', async () => {
    const restore = await ground.save();
    const before = ground.logs.changes.length;
    await ground.run(12, { orgs: { north: 'v1' }, users: { ada: 'v3', ben: 'v1' } });
    const sent = ground.logs.changes.slice(before);
    await restore();
    await ground.follow();
    expect(ground.logs.changes.slice(before + sent.length)).toEqual(sent);
    await ground.expectToGoOn();
  });

  it('keys of the epoch given up are removed, those of the live one are not', async () => {
    await ground.flush();
    await ground.ask();
    for (let step = 0; step < 20; step += 1) await ground.ask();
    expect(await ground.index.forgetEpochs(0, 2)).toBe(false);
    await ground.expectToGoOn();
  });
}
