/* What a trap is, whatever it brings about. */
import type { FaultKind } from '../world/faults.js';
import type { Tampering } from '../world/surroundings.js';
import type { World } from '../world/world.js';

export interface Trap {
  /** What it does on the way to a port. */
  readonly tampering?: Tampering;
  /** Faults that would be one too many. */
  readonly without?: readonly FaultKind[];
  /** Hooks it in where the other faults are. */
  attach(world: World): void;
  /** Before each step. */
  step?(): void;
}

/** Longer than whatever a trap waits for. */
export const ASLEEP_MS = 300_000;
export const ZOMBIE_STEPS = 60;
