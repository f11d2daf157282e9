/* What a trap is, whatever it brings about. */
import type { Change } from '#contracts';
import type { FaultKind } from '../world/faults.js';
import type { Instance } from '../world/fleet.js';
import type { Publishing } from '../world/published.js';
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
/** Left to who is replaced. */
export const ZOMBIE_STEPS = 60;

/** Faults are on, and nobody has taken the reconciler's place. */
export const isAtWork = ({ isFaulty, reconcilers }: World, instance: Instance): boolean =>
  isFaulty && reconcilers.instances.includes(instance);

/** The event of a new record with which a publishing begins. */
export function createdFirst({ messages: [first] }: Publishing): Change | null {
  return first?.kind === 'change' && first.change.verb === 'created' ? first.change : null;
}
