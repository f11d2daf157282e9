import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CASES } from './cases.js';
import { FaultWorld } from './fault-world.js';
import { playCase } from './play-case.js';

/** The rest of the matrix is for `npm run faults`, which has servers of its own to restart. */
const CHOSEN = CASES.filter(({ inTests }) => inTests);

describe('whatever is killed, lost or stopped, nobody has to repair anything by hand', () => {
  let world: FaultWorld;

  beforeAll(async () => {
    world = await FaultWorld.open(null);
  }, 120_000);
  afterAll(() => world.close());

  it.each(CHOSEN)(
    '$name',
    async (fault) => {
      expect((await playCase(world, fault)).failure).toBeNull();
    },
    300_000,
  );
});
