/** What a case of the fault matrix is: data, so that the spec and the command run the same. */
import type { Fault } from '../support/sandbox.client.js';
import type { RunView } from '../support/coordinator.client.js';
import type { Running } from '../support/running.js';
import type { FaultWorld } from './fault-world.js';
import type { Instant } from './trap.js';

/** What a case does to the source, the stores or the services. */
export type Act = (world: FaultWorld, districtId: string, struck: Running) => Promise<void>;
export type Preparation = (world: FaultWorld, districtId: string) => Promise<void>;

export type Strike =
  /** kill -9 at the instant; another process is started at once. */
  | { readonly kind: 'kill' }
  /** kill -9 of these too, at the same moment. */
  | { readonly kind: 'kill-also'; readonly others: 'of the service' | 'of all services' }
  /** SIGSTOP at the instant until the others have brought the run to its end, then SIGCONT. */
  | { readonly kind: 'freeze' }
  /** SIGSTOP at the instant, the act, and SIGCONT, unless the act sent it already. */
  | { readonly kind: 'act'; readonly act: Act };

export interface FaultCase {
  /** A sentence, and no other case's. */
  readonly name: string;
  readonly at: Instant;
  readonly strike: Strike;
  /** Whether `npm test` runs it. */
  readonly inTests?: true;
  /** It restarts or fills servers, so they must be its own. */
  readonly ownServers?: true;
  /** What the source does wrong during the struck run. */
  readonly source?: readonly Omit<Fault, 'districtId'>[];
  /** After the first run, before the trap is set. */
  readonly before?: Preparation;
  /** When the trap is set, before the struck run is opened. */
  readonly provokes?: Preparation;
  /** Brings a run that was held to its end, or leads to another that comes to one. */
  readonly decides?: (world: FaultWorld, held: RunView) => Promise<RunView>;
  readonly expects?: Expectations;
}

export interface Expectations {
  /** Whether the struck run itself is completed, or aborted and followed by another that is. Default: either. */
  readonly run?: 'goes on' | 'is followed';
  /** A log line of some instance, from the strike on. */
  readonly says?: string;
  /** What such a line gives as `why`, or a part of it. */
  readonly because?: string;
  /** Processes may end by themselves: an orchestrator starts them again. */
  readonly ends?: true;
  /** Copies were made to drift: it must be found. Otherwise no drift may be. */
  readonly drift?: true;
  /** It ends with an instruction to the operator, and without a run that is completed. */
  readonly stops?: string;
}

export interface Played {
  readonly name: string;
  /** null: it went as told. */
  readonly failure: string | null;
  readonly seconds: number;
  /** From a kill to the service at work again. */
  readonly recoveryMs: number | null;
  readonly run: 'went on' | 'was followed' | 'stopped' | null;
  /** Processes that ended by themselves and were started again. */
  readonly restarts: number;
}
