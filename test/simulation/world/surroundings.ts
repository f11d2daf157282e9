/* What the services of the simulation stand among, and what a test may change on the way between them and their ports. */
import type { RawMessage, Report, RunKey } from '#contracts';
import type { Entry as ChangeEntry, Place, RosterStore } from '#roster-consumer';
import type { Ports as CoordinatorPorts } from '../../../apps/coordinator/src/settlement/ports.js';
import type { Times } from '../../../apps/coordinator/src/settlement/times.js';
import type { Placed, Ports as FetcherPorts } from '../../../apps/fetcher/src/ports.js';
import type { Logs, RosterIndex } from '../../../apps/reconciler/src/reconciliation/ports.js';
import type { MemoryRosterStore } from '../../../libs/roster-consumer/test/memory.roster-store.js';
import type { Instance } from './fleet.js';
import type { WitnessedLedger } from './ledger.js';
import type { ReconcilerLogs, Topics } from './logs.js';
import type { Published, Publishing } from './published.js';
import type { Random } from './random.js';
import type { Actor, Scheduler } from './scheduler.js';
import type { SourceDistrict } from './source.js';

/** What a test changes on the way between services and ports, to take a guard away. */
export interface Tampering {
  readonly delivered?: (
    message: RawMessage,
    index: RosterIndex,
    partition: number,
    offset: bigint,
  ) => Promise<RawMessage>;
  readonly logs?: (logs: ReconcilerLogs, partition: number, around: Surroundings, actor: Actor) => Logs;
  readonly index?: (
    index: RosterIndex,
    partition: number,
    around: Surroundings,
    /** Offset of the first message delivered last. */
    first: () => bigint,
    actor: Actor,
  ) => RosterIndex;
  readonly sent?: (messages: readonly Placed[], random: Random) => readonly Placed[];
  readonly entry?: (entry: ChangeEntry, place: Place) => ChangeEntry;
  readonly store?: (store: MemoryRosterStore, around: Surroundings, actor: Actor) => RosterStore;
  readonly reported?: (report: Report) => boolean;
  readonly hasNoFirstRead?: boolean;
  readonly reading?: (reading: FetcherPorts['ledger'], around: Surroundings) => FetcherPorts['ledger'];
  readonly settlement?: (ports: CoordinatorPorts, around: Surroundings, actor: Actor) => CoordinatorPorts;
  readonly times?: Times;
  /** By which key compaction knows a message of a change topic. */
  readonly keyOf?: (message: Published) => string;
}

/** Everything the services share. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly topics: Topics;
  readonly ledger: WitnessedLedger;
  readonly indexOf: (partition: number) => RosterIndex;
  readonly districts: ReadonlyMap<string, SourceDistrict>;
  /** Faults of the source are on. */
  readonly mayFail: () => boolean;
  readonly onClaim: (run: RunKey) => void;
  readonly tampering: Tampering;
  /** A fetcher is about to append to the raw log. */
  readonly beforeAppend: (messages: readonly Placed[]) => void;
  /** So many records at most in one message of the raw log. */
  readonly recordsAtMost: number;
  /** A reconciler is about to write to a change topic or the index. */
  readonly beforeWrite: (instance: Instance, publishing?: Publishing) => void;
  /** A rebuild is about to fence the raw log, or to load what it folded. */
  readonly beforeRebuildStep: (instance: Instance, partition: number, step: RebuildStep) => void;
}

export type RebuildStep = 'fence' | 'load';

/** Where a port is not tampered with. */
export const same = <T>(port: T): T => port;

/** Both. What is delivered goes through the first, then the second; the first is the nearer one to index and logs. */
export function together(first: Tampering, second: Tampering): Tampering {
  const both: Tampering = { ...first, ...second };
  const { delivered: early } = first;
  const { delivered: late } = second;
  const { index: inner } = first;
  const { index: outer } = second;
  const { logs: under } = first;
  const { logs: over } = second;
  return {
    ...both,
    ...(early && late
      ? {
          delivered: async (message: RawMessage, index: RosterIndex, partition: number, offset: bigint) =>
            late(await early(message, index, partition, offset), index, partition, offset),
        }
      : {}),
    ...(inner && outer
      ? {
          index: (index, partition, around, firstOffset, actor) =>
            outer(inner(index, partition, around, firstOffset, actor), partition, around, firstOffset, actor),
        }
      : {}),
    ...(under && over
      ? {
          logs: (logs, partition, around, actor) =>
            over(under(logs, partition, around, actor) as typeof logs, partition, around, actor),
        }
      : {}),
  };
}
