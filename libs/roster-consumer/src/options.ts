import type { DeadLetter, EntityType } from '#contracts';
import type { KafkaSettings } from '#kafka';
import type { CopyReport, DeadLetterLimit, RosterStore } from './following/ports.js';
import type { CountCopy } from './handlers/handler.store.js';
import type { Handlers } from './handlers/handlers.js';
import type { ConsumerState } from './handlers/state.js';
import type { Completed } from './progress/completeness.js';
import type { Progress } from './progress/progress.js';

export type Drift = CopyReport & { kind: 'drift' };
export type Shadow = CopyReport & { kind: 'shadow' };

interface CommonOptions {
  /** Brokers, client id, TLS, SASL. What is left out comes from KAFKA_SSL, KAFKA_SASL_MECHANISM and so on. */
  readonly kafka: KafkaSettings;
  readonly groupId: string;
  /** Of the installation that is read; default `rollcall`. */
  readonly namespace?: string;
  /**
   * Child types wait until all partitions of their parents have passed the watermarks of their generation. One district's
   * run that waits for approval holds up all child changes behind it: `atMostMs` bounds that, at the price of the order.
   */
  readonly parentsFirst?: boolean | { readonly atMostMs: number };
  /** Default: 5 % and more than 20 of the last 1,000 messages of a partition. Beyond it `run` rejects. */
  readonly deadLetterLimit?: DeadLetterLimit;
  /** What could not be read, or was refused. Default: a line on stderr with its place and the reason. */
  readonly onDeadLetter?: (letter: DeadLetter) => void | Promise<void>;
  /** Everything of the district up to this generation has been handed out. May be told again after a restart. */
  readonly onComplete?: (completed: Completed) => void | Promise<void>;
  /** The copy and a watermark differ. The topic is read again; `survived`: that has not helped. */
  readonly onDrift?: (drift: Drift) => void | Promise<void>;
  /** The log holds an outdated event of this type behind a newer one. Rollcall's next run mends the log. */
  readonly onShadow?: (shadow: Shadow) => void | Promise<void>;
}

/** Functions for each change; the kit keeps generations, fences and watermarks in a state. */
export interface HandlerOptions extends CommonOptions {
  readonly handlers: Handlers;
  /** Default: memory, and all topics are read from their start each time, by a group of its own. */
  readonly state?: ConsumerState;
  /** Counts the consumer's own copy, to be compared with each watermark. Default: what was handed out. */
  readonly count?: CountCopy;
}

/** A store of the consumer's own, which keeps rows, generations and fences in its own transactions. */
export interface StoreOptions extends CommonOptions {
  readonly store: RosterStore;
  readonly types: readonly EntityType[];
  /** Default: memory; then after a restart a district is complete again, and parents are there, with its next run. */
  readonly progress?: Progress;
}

export type RosterConsumerOptions = HandlerOptions | StoreOptions;
