import { describe } from '@jest/globals';
import { walkBlackout } from './blackout.js';
import { walkConfirming } from './confirming.js';
import { walkLife } from './life.js';
import { walkRefresh } from './refresh.js';
import { walkSilence } from './silence.js';
import { walkTakeover } from './takeover.js';
import { walkTroubles } from './troubles.js';
import type { LedgerUnderWalk } from './ledger-under-walk.js';
import { DISTRICT, World } from './world.js';

/** The walks of a run through the step loop; every ledger must show the same. */
export function describeWalks(name: string, make: () => Promise<LedgerUnderWalk>): void {
  const world = async (): Promise<World> => {
    const of = await make();
    await of.addDistrict(DISTRICT);
    return new World(of);
  };

  describe(`the step loop over ${name}`, () => {
    walkLife(world);
    walkConfirming(world);
    walkSilence(world);
    walkTroubles(world);
    walkTakeover(world);
    walkRefresh(world);
    walkBlackout(world);
  });
}
