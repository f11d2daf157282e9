/* What a rebuild promises where the raw log was deleted and made again under its name. */
import { expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import type { Turn } from '../src/reconciliation/ports.js';
import { applyAndSweep, snapshotMessages } from './district.fixture.js';
import { deliver } from './memory.logs.js';
import type { RebuildGround } from './rebuild.ground.js';

const TURN: Turn = {
  heartbeat: async () => undefined,
  isLive: () => true,
  commit: async () => undefined,
  seek: () => undefined,
};

export function promiseLogMadeAnew(open: () => RebuildGround): void {
  /** Behind the second fence of a change topic. */
  const BETWEEN_FENCES = 10;
  /** Beyond any position of the old log. */
  const GROWN = 40;

  it('begins again after one that ended between its fences, also when the log has grown beyond the old position', async () => {
    const ground = open();
    const old = await ground.position();
    ground.logs.raw.length = 0;
    ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    expect(await ground.survives(BETWEEN_FENCES)).toBe(false);
    expectHalfFenced(ground);
    await expectBegunAgain(ground, old?.next ?? 0n);
  });

  it('begins again where the log is made anew before the position is set', async () => {
    const ground = open();
    await ground.flush();
    await ground.rebuildAround('load', 1, async () => {
      ground.logs.raw.length = 0;
      for (let n = 0; n < GROWN; n += 1) ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    });
    const position = await ground.position();
    expect(ground.logs.raw).toContainEqual(
      expect.objectContaining({ kind: 'fence', epoch: position?.epoch }),
    );
    await ground.expectToGoOn();
  });

  it('begins again also after one that ended where the log was made anew behind its own fence', async () => {
    const ground = open();
    const old = await ground.position();
    await ground.logs.fenceRaw(0, 2, 'another');
    let fences = 0;
    ground.logs.beforeAppend = (what) => {
      if (what !== 'change fence') return;
      fences += 1;
      if (fences === 3) throw new Error('crash');
      ground.logs.raw.length = 0;
    };
    await expect(ground.follow()).rejects.toThrow('crash');
    ground.logs.beforeAppend = () => undefined;
    await expectBegunAgain(ground, old?.next ?? 0n);
  });

  it('begins again also after one that began for what was left in hand of the old log', async () => {
    const ground = open();
    const old = await ground.position();
    const next = old?.next ?? 0n;
    const inHand = { offset: next, message: { kind: 'fence', epoch: 2, author: 'another' } } as const;
    ground.logs.raw.length = 0;
    const batch = { messages: [inHand], end: next + 1n };
    expect(await ground.survives(BETWEEN_FENCES, () => ground.loop().handle(batch, TURN))).toBe(false);
    expectHalfFenced(ground);
    await expectBegunAgain(ground, next);
  });

  it('begins again after one that ended between its fences, also by whoever was at the old position', async () => {
    const ground = open();
    const loop = ground.loop();
    await ground.ask(loop);
    const old = await ground.position();
    ground.logs.raw.length = 0;
    ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    const other = ground.loop('other');
    expect(await ground.survives(BETWEEN_FENCES, () => deliver(other, ground.logs))).toBe(false);
    expectHalfFenced(ground);
    await expectBegunAgain(ground, old?.next ?? 0n, loop);
  });

  it('begins again also after one whose report is lost, where Redis comes back with the old position', async () => {
    const ground = open();
    const old = await ground.position();
    const restore = await ground.save();
    ground.logs.raw.length = 0;
    ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    expect(await ground.survives(BETWEEN_FENCES)).toBe(false);
    expectHalfFenced(ground);
    await restore();
    await expectBegunAgain(ground, old?.next ?? 0n);
  });

  it.each(['the worker that was at it', 'another worker'])(
    'Redis goes back to a position that the new log has reached: %s forgets nothing',
    async (who) => {
      const ground = open();
      const restore = await ground.save();
      const old = await ground.position();
      const loop = ground.loop();
      ground.logs.append(...snapshotMessages(12, SHARED), ...applyAndSweep(12));
      await ground.follow(loop);
      ground.logs.raw.length = 0;
      while (ground.logs.rawEnd <= (old?.next ?? 0n)) ground.logs.append({ kind: 'ask', nonce: 'nonce' });
      await restore();
      await ground.ask(who === 'another worker' ? ground.loop('other') : loop);
      expect((await ground.position())?.epoch).toBe(2);
      const before = ground.logs.changes.length;
      await ground.run(13, SHARED);
      expect(ground.verbs(before)).toEqual([]);
      await ground.expectToGoOn();
    },
  );

  it('what a worker had in hand of the old log moves nothing in the new one', async () => {
    const ground = open();
    const loop = ground.loop();
    await ground.ask(loop);
    const old = await ground.position();
    const inHand = Array.from({ length: GROWN }, (_, n) => ({
      offset: (old?.next ?? 0n) + BigInt(n),
      message: { kind: 'ask', nonce: 'old' } as const,
    }));
    ground.logs.raw.length = 0;
    while (ground.logs.rawEnd <= (old?.next ?? 0n) + 1n) ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    await ground.flush();
    await ground.ask(ground.loop('other'));
    const position = await ground.position();
    const sought: bigint[] = [];
    const turn: Turn = { ...TURN, isLive: () => sought.length === 0, seek: (offset) => sought.push(offset) };
    await loop.handle({ messages: inHand, end: (old?.next ?? 0n) + BigInt(GROWN) }, turn);
    expect(sought).toEqual([position?.next]);
    expect(await ground.position()).toEqual(position);
    await ground.expectToGoOn();
  });
}

const SHARED = { orgs: { north: 'v1' }, users: { ada: 'v2', ben: 'v1', dot: 'v1' } };

/** The rebuild of epoch 2 ended between the fences of two change topics. */
function expectHalfFenced({ logs }: RebuildGround): void {
  const fenced = ENTITY_TYPES.filter((type) => logs.fences(type).some(({ epoch }) => epoch === 2));
  expect([fenced.length > 0, fenced.length < ENTITY_TYPES.length]).toEqual([true, true]);
}

/** The log grows beyond the old position, and the next worker begins the epoch after. */
async function expectBegunAgain(
  ground: RebuildGround,
  oldNext: bigint,
  next = ground.loop('other'),
): Promise<void> {
  while (ground.logs.rawEnd <= oldNext) ground.logs.append({ kind: 'ask', nonce: 'nonce' });
  await ground.ask(next);
  expect((await ground.position())?.epoch).toBe(3);
  await ground.expectToGoOn();
}
