/* What befalls the process that came to the instant, while the run that it was struck in goes on. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RunView } from '../support/coordinator.client.js';
import { SERVICES } from '../support/ground.js';
import type { Running } from '../support/running.js';
import type { FaultCase } from './fault-case.js';
import type { FaultWorld } from './fault-world.js';
import { recoveredAt } from './recovery.js';

const SIGKILL_EXIT = 137;
/** Beyond every lease and session time-out. */
const FROZEN_MS = 13_000;

/** The run that was under way, until it is settled. */
export interface Struck {
  readonly districtId: string;
  readonly settling: Promise<RunView>;
}

/** After a kill: how many milliseconds went by until the service was at work again. */
export async function strike(
  world: FaultWorld,
  fault: FaultCase,
  struck: Running,
  run: Struck,
): Promise<number | null> {
  switch (fault.strike.kind) {
    case 'kill':
      return recovery(world, [struck], run);
    case 'kill-also': {
      const services = fault.strike.others === 'of all services' ? SERVICES : [fault.at.service];
      const others = world.instances.of(...services).filter((one) => one !== struck);
      for (const one of others) {
        one.expectEnd();
        one.signal('SIGKILL');
      }
      return recovery(world, [struck, ...others], run);
    }
    case 'freeze':
      struck.frozen(true);
      world.instances.askAwake();
      await Promise.all([run.settling.catch(() => undefined), pause(FROZEN_MS)]);
      struck.signal('SIGCONT');
      return null;
    case 'act':
      struck.frozen(true);
      world.instances.askAwake();
      await fault.strike.act(world, run.districtId, struck);
      if (!struck.hasEnded && !struck.isAwake) struck.signal('SIGCONT');
      return null;
  }
}

/** The first of the killed is the one that was struck. */
async function recovery(
  world: FaultWorld,
  killed: readonly Running[],
  { settling }: Struck,
): Promise<number> {
  for (const one of killed) one.expectEnd();
  const codes = await Promise.all(killed.map((one) => one.exitCode()));
  if (codes.some((code) => code !== SIGKILL_EXIT)) throw new Error(`ended with ${codes.join()}, not killed`);
  const killedAt = Date.now();
  const mark = world.mark();
  for (const one of killed) world.instances.replace(one);
  world.instances.askAwake();
  const recovered = await recoveredAt(world, killed[0]?.name, mark, settling);
  world.instances.askAwake();
  return recovered - killedAt;
}
