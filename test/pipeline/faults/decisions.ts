/** What an operator does about a held run, while the coordinator may be killed at it. */
import type { RunView } from '../support/coordinator.client.js';
import type { FaultWorld } from './fault-world.js';
import { reshareTheSchool } from './acts.js';

/** The run, settled. */
export async function approve(world: FaultWorld, held: RunView): Promise<RunView> {
  await decide(world, held, 'approval');
  return world.ground.coordinator.settled(held);
}

/** The next run, settled, after the source took back what was held. */
export async function reject(world: FaultWorld, held: RunView): Promise<RunView> {
  await decide(world, held, 'rejection');
  await reshareTheSchool(world, held.districtId);
  return world.ground.coordinator.runToEnd(held.districtId);
}

/** Asked again where the answer was lost: then the first word counts, and the second is refused. */
async function decide(world: FaultWorld, held: RunView, verdict: 'approval' | 'rejection'): Promise<void> {
  try {
    await world.ground.coordinator.decide(held, verdict);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(' with 409:')) throw error;
    const { state } = await world.ground.coordinator.run(held);
    if (state === 'held') throw error;
  }
}
