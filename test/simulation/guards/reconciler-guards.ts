/* Guards of the reconciler, each taken away by what its ports answer or by what it is delivered. */
import { ENTITY_TYPES, XorSum, type RawMessage } from '#contracts';
import type {
  Digest,
  DistrictWrites,
  IndexView,
  Position,
} from '../../../apps/reconciler/src/reconciliation/index-state.js';
import type { Logs, PlacedMessage, RosterIndex } from '../../../apps/reconciler/src/reconciliation/ports.js';
import type { Tampering } from '../world/surroundings.js';
import { overridden } from '../world/stepped.js';

/** The position as the index holds it now; a write that names it is never refused for its position. */
async function positionOf(index: RosterIndex, partition: number): Promise<Position | null> {
  return (await index.read(partition, [], [])).position;
}

const ANY = Object.fromEntries(ENTITY_TYPES.map((type) => [type, Number.MAX_SAFE_INTEGER]));
const LONG_READ_ONE_IN = 8;
const LONG_READ_MS = 5_000;

/** Compare-and-set without comparing these fields. */
export function withoutComparing(...fields: readonly ('next' | 'applyNext')[]): Tampering {
  const loosened = async (index: RosterIndex, partition: number, expected: Position): Promise<Position> => {
    const now = await positionOf(index, partition);
    if (now === null) return expected;
    return { ...expected, ...Object.fromEntries(fields.map((field) => [field, now[field]])) };
  };
  return {
    index: (index) =>
      overridden(index, {
        write: async (partition, expected, next, districts) =>
          index.write(partition, await loosened(index, partition, expected), next, districts),
        archive: async (partition, expected, chunk) =>
          index.archive(partition, await loosened(index, partition, expected), chunk),
      }),
  };
}

/** The position in one call, all else in one before it: whatever another worker does may come between them. */
export const readInTwo: Tampering = {
  index: (index, _partition, { scheduler, random }, _first, actor) =>
    overridden(index, {
      read: async (partition, districtIds, groups): Promise<IndexView> => {
        const before = await index.read(partition, districtIds, groups);
        if (before.position === null) return before;
        if (random.oneIn(LONG_READ_ONE_IN)) await scheduler.delay(actor, random.below(LONG_READ_MS));
        else await scheduler.step(actor);
        return { ...before, position: await positionOf(index, partition) };
      },
    }),
};

/** A record that was applied in this generation is compared as if it had not been. */
export const appliedAgain: Tampering = {
  index: (index) =>
    overridden(index, {
      read: async (partition, districtIds, groups): Promise<IndexView> => {
        const view = await index.read(partition, districtIds, groups);
        const aged = view.groups.map(({ entries, marked }) => ({
          marked,
          entries: entries.map((entry) => entry && { ...entry, generation: 0 }),
        }));
        return { ...view, groups: aged };
      },
    }),
};

/** Events are on their way while the index already says that they were sent. */
export const emitAfterApply: Tampering = {
  logs: (logs, _partition, { scheduler }, actor) => {
    return overridden<Logs>(logs, {
      emit: async (partition, changes) => {
        const later = async (): Promise<void> => {
          await scheduler.delay(actor, 2_000);
          await logs.emit(partition, changes);
        };
        later().catch((error: unknown) => scheduler.fail(error));
      },
    });
  },
};

/** Kafka's committed offset says where to read. */
export const readWhereKafkaSays: Tampering = {
  delivered: async (message) => message,
  index: (index, partition, around, first, actor) => {
    const loose = withoutComparing('next').index?.(index, partition, around, first, actor) ?? index;
    /** How far the batch that began there was followed. */
    let followed = { from: -1n, to: -1n };
    return overridden(loose, {
      read: async (of, districtIds, groups) => {
        const view = await index.read(of, districtIds, groups);
        if (view.position === null || view.position.mode !== 'follow') return view;
        const next = followed.from === first() ? followed.to : first();
        return { ...view, position: { ...view.position, next } };
      },
      write: async (of, expected, next, districts) => {
        const isWritten = await loose.write(of, expected, next, districts);
        if (isWritten) followed = { from: first(), to: next.next };
        return isWritten;
      },
    });
  },
};

/** Messages of an older generation are taken for the current one. */
export const olderGenerations: Tampering = {
  delivered: (message, index, partition) => asCurrent(message, index, partition),
  logs: (logs, _partition, { indexOf }) =>
    overridden<Logs>(logs, {
      readRaw: async function* (partition, from, to) {
        for await (const batch of logs.readRaw(partition, from, to)) {
          const taken: PlacedMessage[] = [];
          for (const { offset, message } of batch) {
            const index = indexOf(partition);
            taken.push({ offset, message: message && (await asCurrent(message, index, partition)) });
          }
          yield taken;
        }
      },
    }),
};

async function asCurrent(message: RawMessage, index: RosterIndex, partition: number): Promise<RawMessage> {
  if (message.kind !== 'records') return message;
  const current = await snapshotOf(index, partition, message.districtId);
  if (current === null || current.generation <= message.generation) return message;
  return { ...message, generation: current.generation };
}

/** A quarantined record does not count as seen. */
export const quarantinedUnseen: Tampering = {
  delivered: async (message) => {
    if (message.kind !== 'records') return message;
    const records = message.records.map((record) =>
      record.quarantined ? { ...record, quarantined: false, withdrawn: true } : record,
    );
    return { ...message, records };
  },
};

/** Whatever arrived is what END says was sent. */
export const uncheckedEnd: Tampering = {
  delivered: async (message, index, partition) => {
    if (message.kind !== 'end') return message;
    const snapshot = await snapshotOf(index, partition, message.districtId);
    if (snapshot?.generation !== message.generation) return message;
    const types = Object.fromEntries(
      Object.entries(snapshot.types).map(([type, { seen, withdrawn, idsXor }]) => [
        type,
        { count: seen + withdrawn, xor: idsXor },
      ]),
    );
    return { ...message, types };
  },
};

/** APPLY and SWEEP go ahead in any phase. */
export const anyPhase: Tampering = {
  delivered: async (message, index, partition) => {
    if (message.kind === 'apply' || message.kind === 'sweep') await pretend(message, index, partition);
    return message;
  },
};

async function pretend(
  { kind, districtId, generation }: Extract<RawMessage, { kind: 'apply' | 'sweep' }>,
  index: RosterIndex,
  partition: number,
): Promise<void> {
  const view = await index.read(partition, [districtId], []);
  const snapshot = view.districts.get(districtId)?.snapshot;
  if (view.position === null || snapshot?.generation !== generation) return;
  const isEarly =
    snapshot.phase === 'reading' ||
    snapshot.phase === 'failed' ||
    (kind === 'sweep' && snapshot.phase === 'planned');
  if (!isEarly) return;
  const phase = kind === 'apply' ? 'planned' : 'applied';
  await index.write(partition, view.position, view.position, [
    { districtId, snapshot: { ...snapshot, phase } },
  ]);
}

/** The worklist is made in a call of its own, whatever happened since. */
export const staleLater: Tampering = {
  index: (index, _partition, { scheduler }, _first, actor) =>
    overridden(index, {
      write: async (partition, expected, next, districts) => {
        const sweeping = districts.filter(({ startSweep }) => startSweep !== undefined);
        if (sweeping.length === 0) return index.write(partition, expected, next, districts);
        await scheduler.step(actor);
        const now = await positionOf(index, partition);
        if (now === null) return false;
        const forced: DistrictWrites[] = [];
        for (const { districtId } of sweeping) {
          const snapshot = await snapshotOf(index, partition, districtId);
          if (snapshot === null) return false;
          forced.push({
            districtId,
            startSweep: {
              generation: snapshot.generation,
              phase: snapshot.phase,
              refresh: [...snapshot.refresh],
              atMost: ANY,
            },
          });
        }
        return index.write(partition, now, { ...next, epoch: now.epoch }, forced);
      },
    }),
};

/** A chunk archives whatever it names, in the worklist or not. */
export const archiveTwice: Tampering = {
  index: (index) =>
    overridden(index, {
      archive: async (partition, expected, chunk) => {
        const { districtId, entityType, records } = chunk;
        const digestOf = async (): Promise<Digest> =>
          (await index.read(partition, [districtId], [])).districts.get(districtId)?.digests[entityType] ??
          NONE;
        const before = await digestOf();
        const taken = await index.archive(partition, expected, chunk);
        if (taken === null || taken === records.length) return taken;
        const [after, sum] = [await digestOf(), new XorSum(before.xor, before.active)];
        for (const { term } of records) sum.remove(term);
        if (after.active === before.active - records.length) return taken;
        const digests = { [entityType]: { active: Math.max(0, sum.count), xor: sum.hex } };
        await index.write(partition, expected, expected, [{ districtId, digests }]);
        return records.length;
      },
    }),
};

const NONE: Digest = { active: 0, xor: '0000000000000000' };

async function snapshotOf(index: RosterIndex, partition: number, districtId: string) {
  const view = await index.read(partition, [districtId], []);
  return view.districts.get(districtId)?.snapshot ?? null;
}
