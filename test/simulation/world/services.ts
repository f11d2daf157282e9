/* The services' own step loops, put together over the ports in memory. No rule of theirs is written here. */
import type { DeadLetterFields, EntityType, RawMessage, Report } from '#contracts';
import { ChangeLoop, type Entry as ChangeEntry, type RosterStore } from '#roster-consumer';
import type { Ports as CoordinatorPorts } from '../../../apps/coordinator/src/settlement/ports.js';
import { StepLoop } from '../../../apps/coordinator/src/settlement/step-loop.js';
import { DEFAULT_TIMES } from '../../../apps/coordinator/src/settlement/times.js';
import { PartitionLoop } from '../../../apps/reconciler/src/reconciliation/partition-loop.js';
import type { MemoryRosterStore } from '../../../libs/roster-consumer/test/memory.roster-store.js';
import { kept, type Instance } from './fleet.js';
import { OutsideLogError, ReconcilerLogs, Writer } from './logs.js';
import type { Published } from './published.js';
import { toEntry } from './published-entries.js';
import { forever } from './scheduler.js';
import { stepped } from './stepped.js';
import type { Handler } from './subscription.js';
import { same, type Surroundings } from './surroundings.js';
import { young } from './young.js';

const LEASE_MS = 15_000;
const TICK_MS = 2_500;

const INDEX_WRITES: ReadonlySet<string> = new Set(['write', 'archive', 'load', 'install', 'retire']);
const silent = (): void => undefined;

export function reconcilerHandler(
  around: Surroundings,
  partition: number,
): (instance: Instance) => Handler<RawMessage> {
  const { scheduler, random, topics } = around;
  return (instance) => {
    const loop = kept(instance, `loop ${partition}`, () => {
      const { actor } = instance;
      const writer = new Writer(topics, scheduler, actor, random, {
        publish: young((publishing) => around.beforeWrite(instance, publishing)),
        fenceRaw: young(() => around.beforeRebuildStep(instance, partition, 'fence')),
      });
      const { tampering } = around;
      const { index: tamperIndex = same, logs: tamperLogs = same } = tampering;
      const first = (): bigint => kept(instance, `first ${partition}`, () => ({ offset: 0n })).offset;
      const ports = {
        index: stepped(
          tamperIndex(around.indexOf(partition), partition, around, first, actor),
          scheduler,
          actor,
          random,
          (name) => {
            if (INDEX_WRITES.has(name)) around.beforeWrite(instance);
            if (name === 'load') around.beforeRebuildStep(instance, partition, 'load');
          },
        ),
        logs: tamperLogs(new ReconcilerLogs(topics, writer), partition, around, actor),
        clock: { now: young(() => scheduler.now) },
        failpoint: silent,
      };
      return new PartitionLoop(partition, ports, actor.name);
    });
    return async (entries, end, turn) => {
      let messages = entries.map(({ offset, message }) => ({ offset: BigInt(offset), message }));
      const { delivered } = around.tampering;
      if (delivered !== undefined) {
        kept(instance, `first ${partition}`, () => ({ offset: 0n })).offset = messages[0]?.offset ?? 0n;
        messages = await Promise.all(
          messages.map(async ({ offset, message }) => ({
            offset,
            message: await delivered(message, around.indexOf(partition), partition, offset),
          })),
        );
      }
      try {
        await loop.handle({ messages, end: BigInt(end) }, turn);
      } catch (error) {
        // As a consumer does of any error of its handler: the batch is delivered again.
        if (!(error instanceof OutsideLogError)) throw error;
        turn.seek(messages[0]?.offset ?? 0n);
      }
    };
  };
}

export function persisterHandler(
  around: Surroundings,
  store: MemoryRosterStore,
  entityType: EntityType,
  partition: number,
  /** False: what it says goes to nobody. */
  onReport: (report: Report) => boolean,
): (instance: Instance) => Handler<Published> {
  const { scheduler, random, topics } = around;
  const log = topics.changesOf(entityType, partition);
  return (instance) => {
    const loop = kept(instance, `loop ${entityType}/${partition}`, () => {
      const { actor } = instance;
      const writer = new Writer(topics, scheduler, actor, random);
      const outlet = {
        report: young(async (reports: readonly Report[]) => {
          const { reported: isSaid = () => true } = around.tampering;
          await writer.report(reports.filter((report) => onReport(report) && isSaid(report)));
        }),
        deadLetter: young((letters: readonly DeadLetterFields[]) => writer.deadLetters(letters)),
      };
      const tamper = around.tampering.store ?? same;
      const ports = {
        store: stepped<RosterStore>(tamper(store, around, actor), scheduler, actor, random),
        outlet,
        clock: { now: young(() => scheduler.now) },
        failpoint: silent,
        ends: young(async () => {
          await writer.step();
          return { start: BigInt(log.start), end: BigInt(log.end) };
        }),
      };
      return new ChangeLoop({ topic: log.name, entityType, partition }, ports);
    });
    return async (entries, end, turn) => {
      const { entry: tamper, hasNoFirstRead } = around.tampering;
      const place = { topic: log.name, entityType, partition };
      const decoded = entries.map(({ offset, message }) => {
        const entry = entryOf(offset, message);
        return tamper === undefined ? entry : tamper(entry, place);
      });
      await loop.handle(
        { entries: decoded, end: BigInt(hasNoFirstRead === true ? (entries.at(-1)?.offset ?? 0) + 1 : end) },
        turn,
      );
    };
  };
}

const entries = new WeakMap<Published, ChangeEntry>();

/** Decoded once, as it lies in the log: a message that was appended twice has two offsets. */
function entryOf(offset: number, message: Published): ChangeEntry {
  const known = entries.get(message);
  if (known?.offset === BigInt(offset)) return known;
  const entry = toEntry(BigInt(offset), message);
  entries.set(message, entry);
  return entry;
}

/** The step loop of a coordinator, on its timer and whenever reports came in. */
export function startCoordinator(around: Surroundings, partitionCount: number): (instance: Instance) => void {
  const { scheduler, random, topics } = around;
  return ({ actor }) => {
    const writer = new Writer(topics, scheduler, actor, random);
    const { views, openings, settlement } = around.ledger;
    let nonces = 0;
    const honest: CoordinatorPorts = {
      views: stepped(views, scheduler, actor, random),
      openings: stepped(openings, scheduler, actor, random),
      ledger: stepped(settlement, scheduler, actor, random),
      rawLog: { publish: young((marker, partitions) => writer.marker(marker, partitions)) },
      snapshotLog: { publish: young(() => writer.step()) },
      clock: { now: young(() => scheduler.now) },
      journal: { decided: silent, looked: silent, trouble: silent, wanted: silent, alarm: silent },
      nonce: young(() => `${actor.name}-${(nonces += 1)}`),
      failpoint: silent,
    };
    const ports = (around.tampering.settlement ?? same)(honest, around, actor);
    const times = around.tampering.times ?? DEFAULT_TIMES;
    const settings = { owner: actor.name, leaseMs: LEASE_MS, partitionCount, times };
    const loop = new StepLoop(ports, settings);
    forever(scheduler, async () => {
      await scheduler.delay(actor, random.below(2 * TICK_MS));
      while (await loop.step());
    });
  };
}

export function reportsHandler({
  ledger,
  scheduler,
  random,
}: Surroundings): (instance: Instance) => Handler<Report> {
  return ({ actor }) => {
    const recording = stepped(ledger.reports, scheduler, actor, random);
    return async (entries, _end, turn) => {
      const last = entries.at(-1);
      if (last === undefined) return;
      await recording.record(
        entries.map(({ message }) => message),
        scheduler.now,
      );
      await turn.heartbeat();
      await turn.commit(BigInt(last.offset + 1));
    };
  };
}
