/* Guards of fetcher, coordinator and persister, each taken away at a port. */
import type { OpenRunState, RawMarker, RunKey } from '#contracts';
import { foldChanges } from '#roster-consumer';
import { DEFAULT_TIMES } from '../../../apps/coordinator/src/settlement/times.js';
import { compactionKey } from '../world/published.js';
import type { Surroundings, Tampering } from '../world/surroundings.js';
import { overridden } from '../world/stepped.js';

const SENT_AGAIN_ONE_IN = 4;
const OTHER = 0x55;

/** A run whose lease is past is read on by the next fetcher, in the same generation. */
export const resumedSnapshot: Tampering = {
  reading: (reading, { ledger: { state } }) =>
    overridden(reading, {
      claim: async (owner, leaseMs, atOnce) => {
        const lost = [...state.openRuns.values()].find(
          (run) => run.state === 'reading' && run.leaseUntil <= state.now(),
        );
        if (lost !== undefined) state.put({ ...lost, state: 'opened', leaseOwner: null });
        return reading.claim(owner, leaseMs, atOnce);
      },
      finish: async (run, owner, found) => {
        const open = state.find(run);
        if (open?.state === 'reading') state.put({ ...open, leaseOwner: owner, leaseUntil: state.now() + 1 });
        return reading.finish(run, owner, found);
      },
      renew: async () => true,
    }),
  settlement: (ports) => ({
    ...ports,
    ledger: overridden(ports.ledger, { abortLostLease: async () => false }),
  }),
};

/** An id that comes again, with other content, is sent again. */
export const sentAgain: Tampering = {
  sent: (messages, random) =>
    messages.flatMap((placed) => {
      const { partition, message } = placed;
      if (message.kind !== 'records' || !random.oneIn(SENT_AGAIN_ONE_IN)) return [placed];
      const records = message.records.map((record) => ({
        ...record,
        fingerprint: record.fingerprint.map((byte) => byte ^ OTHER) as Buffer,
      }));
      return [placed, { partition, message: { ...message, records } }];
    }),
};

/** Whatever the pull was like, its proof says that all is well. */
export const unprovenPull: Tampering = {
  reading: (reading) =>
    overridden(reading, {
      finish: (run, owner, found) =>
        reading.finish(run, owner, {
          ...found,
          proof: found.proof.map((point) => ({ ...point, state: 'proven' as const })),
        }),
    }),
};

/** The marker goes out before its decision is in the ledger. */
export const markerFirst: Tampering = {
  settlement: (ports, { scheduler, topics }, actor) => {
    const { ledger, rawLog, views } = ports;
    const everywhere = Array.from({ length: topics.partitions }, (_, partition) => partition);
    const before = async (marker: RawMarker): Promise<void> => {
      await rawLog.publish(marker, everywhere);
      await scheduler.step(actor);
    };
    return {
      ...ports,
      ledger: overridden(ledger, {
        apply: async (run, from, at) => {
          await before({ kind: 'apply', districtId: run.districtId, generation: run.generation });
          return ledger.apply(run, from, at);
        },
        sweep: async (run, from, at) => {
          const open = (await views.load(at)).runs.find((one) => one.generation === run.generation);
          const orgs = open?.plan?.staleOrgs ?? [];
          await before({ kind: 'sweep', districtId: run.districtId, generation: run.generation, orgs });
          return ledger.sweep(run, from, at);
        },
      }),
    };
  },
};

/** A ledger write takes place whatever state the run is in, closed or not. */
export const unconditionalWrites: Tampering = {
  reading: (reading, around) =>
    overridden(reading, {
      finish: async (run, owner, found) => {
        force(around, run, 'reading', owner);
        return reading.finish(run, owner, found);
      },
    }),
  settlement: (ports, around) => {
    const { ledger } = ports;
    const into = (run: RunKey, state: OpenRunState): void => force(around, run, state);
    return {
      ...ports,
      ledger: overridden(ledger, {
        apply: async (run, from, at) => {
          into(run, from);
          return ledger.apply(run, from, at);
        },
        sweep: async (run, from, at) => {
          into(run, from);
          return ledger.sweep(run, from, at);
        },
        complete: async (run, refreshed, at) => {
          into(run, 'sweeping');
          return ledger.complete(run, refreshed, at);
        },
        abort: async (run, from, reason, wish, at) => {
          into(run, from);
          return ledger.abort(run, from, reason, wish, at);
        },
      }),
    };
  },
};

function force({ ledger: { state } }: Surroundings, key: RunKey, to: OpenRunState, owner?: string): void {
  const run = state.find(key);
  if (run === undefined || run.state === to) return;
  const open = state.openRuns.get(key.districtId);
  if (open !== undefined && open.generation !== key.generation) return;
  state.closedRuns.delete(`${key.districtId}/${key.generation}`);
  const lease = owner === undefined ? {} : { leaseOwner: owner, leaseUntil: state.now() + 1 };
  state.put({ ...run, ...lease, state: to });
}

/** No wait of the coordinator ever ends. */
export const noDeadlines: Tampering = {
  times: { ...DEFAULT_TIMES, silenceMs: Number.POSITIVE_INFINITY, resendMs: Number.POSITIVE_INFINITY },
};

/** A consumer applies every event, of whatever generation. */
export const anyGeneration: Tampering = {
  store: (store) =>
    overridden(store, {
      write: async (type, partition, folded, fences) => {
        for (const { districtId, event } of [...folded.records, ...folded.archives])
          store.lose(type, districtId, event.subject);
        return store.write(type, partition, folded, fences);
      },
    }),
};

/** A consumer applies events behind a fence of a higher epoch. */
export const deafConsumer: Tampering = {
  entry: (entry) => (entry.kind === 'fence' ? { kind: 'tombstone', offset: entry.offset } : entry),
};

/** Fences are kept after the rows, in a transaction of their own, which a process that dies does not reach. */
export const fencesLater: Tampering = {
  store: (store, { scheduler, random }, actor) =>
    overridden(store, {
      write: async (type, partition, changes, fences) => {
        const written = await store.write(type, partition, changes, []);
        if (fences.length === 0 || random.oneIn(2)) return written;
        const later = async (): Promise<void> => {
          await scheduler.delay(actor, 1_000);
          await store.write(type, partition, foldChanges([]), fences);
        };
        later().catch((error: unknown) => scheduler.fail(error));
        return written;
      },
    }),
};

/** Every watermark is compared, also while a topic is read for the first time. */
export const noFirstRead: Tampering = { hasNoFirstRead: true };

/** Nobody hears of shadows. */
export const noRefresh: Tampering = { reported: ({ kind }) => kind !== 'shadow' };

/** Fences share one key, so that compaction keeps only the last. */
export const sharedFenceKey: Tampering = {
  keyOf: (message) => (message.kind === 'fence' ? '!fence' : compactionKey(message)),
};
