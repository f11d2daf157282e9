/* What a rebuild promises where the raw log was deleted and made again under its name. */
import { expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import type { RebuildGround } from './rebuild.ground.js';

export function promiseLogMadeAnew(open: () => RebuildGround): void {
  /** Behind the second fence of a change topic. */
  const BETWEEN_FENCES = 10;

  it('begins again after one that ended between its fences, also when the log has grown beyond the old position', async () => {
    const ground = open();
    const old = await ground.position();
    ground.logs.raw.length = 0;
    ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    expect(await ground.survives(BETWEEN_FENCES)).toBe(false);
    const fenced = ENTITY_TYPES.filter((type) => ground.logs.fences(type).some(({ epoch }) => epoch === 2));
    expect([fenced.length > 0, fenced.length < ENTITY_TYPES.length]).toEqual([true, true]);
    while (ground.logs.rawEnd <= (old?.next ?? 0n)) ground.logs.append({ kind: 'ask', nonce: 'nonce' });
    await ground.ask(ground.loop('other'));
    expect((await ground.position())?.epoch).toBe(3);
    await ground.expectToGoOn();
  });
}
