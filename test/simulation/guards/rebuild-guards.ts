/* Guards of a rebuild, each taken away by what its logs and its index answer. */
import { ENTITY_TYPES, type EntityType, type RawMessage } from '#contracts';
import { NO_DIGESTS } from '#oneroster';
import type { Position } from '../../../apps/reconciler/src/reconciliation/index-state.js';
import type { LoggedChange, Logs, RosterIndex } from '../../../apps/reconciler/src/reconciliation/ports.js';
import type { MemoryRosterIndex } from '../../../apps/reconciler/test/memory.roster-index.js';
import type { Tampering } from '../world/surroundings.js';
import { overridden } from '../world/stepped.js';

const NOBODY = { epoch: Number.POSITIVE_INFINITY, author: '' };

/** The change topics are fenced before the raw log. */
export const rawFenceLast: Tampering = {
  logs: (logs) => {
    const fenced = new Map<EntityType, bigint | null>();
    return overridden<Logs>(logs, {
      fenceRaw: async (partition, epoch, author) => {
        for (const type of ENTITY_TYPES)
          fenced.set(type, await logs.fenceChange(partition, type, epoch, author));
        return logs.fenceRaw(partition, epoch, author);
      },
      fenceChange: async (partition, type, epoch, author) =>
        fenced.get(type) ?? logs.fenceChange(partition, type, epoch, author),
    });
  },
};

/** A rebuild goes on although another fenced first. */
export const deafToFences: Tampering = {
  logs: (logs) => {
    let own = NOBODY;
    let fenced: EntityType | null = null;
    return overridden<Logs>(logs, {
      // Asked for an end other than behind its own fence, a new try begins.
      changeEnds: (partition, type) => {
        if (fenced !== type) own = NOBODY;
        fenced = null;
        return logs.changeEnds(partition, type);
      },
      fenceChange: (partition, type, epoch, author) => {
        fenced = type;
        return logs.fenceChange(partition, type, epoch, author);
      },
      fenceRaw: (partition, epoch, author) => {
        own = { epoch, author };
        return logs.fenceRaw(partition, epoch, author);
      },
      readChanges: (...range) =>
        without(
          logs.readChanges(...range),
          (message) =>
            message.kind === 'fence' && message.epoch >= own.epoch && message.author !== own.author,
        ),
    });
  },
};

/** A fold takes fenced events for good ones. */
export const unfencedFold: Tampering = {
  logs: (logs) =>
    overridden<Logs>(logs, {
      readChanges: async function* (...range) {
        let epoch = 0;
        for await (const batch of logs.readChanges(...range)) {
          yield batch.map((message): LoggedChange => {
            if (message.kind === 'unreadable' || message.kind === 'tombstone') return message;
            epoch = Math.max(epoch, message.epoch);
            return message.kind === 'fence' ? message : { ...message, epoch };
          });
        }
      },
    }),
};

/** A fold takes nothing from the records but their fingerprints. */
export const undigestedFold: Tampering = {
  logs: (logs) =>
    overridden<Logs>(logs, {
      readChanges: async function* (...range) {
        for await (const batch of logs.readChanges(...range)) {
          yield batch.map((message) =>
            message.kind === 'change' ? { ...message, digests: NO_DIGESTS } : message,
          );
        }
      },
    }),
};

/** A fence of a change topic whose answer does not come is sent again under the same key. */
export const fencedAgain: Tampering = {
  logs: (logs) =>
    overridden<Logs>(logs, {
      fenceChange: async (...fence) => (await logs.fenceChange(...fence)) ?? logs.fenceChange(...fence),
    }),
};

/** A position of an older epoch is left where it is while the partition is rebuilt. */
export const positionKept: Tampering = {
  index: (index) => overridden<RosterIndex>(index, { retire: async () => undefined }),
};

/** Where a position says that its fence is, one is read, unless the log holds another there. */
export const fenceBelieved: Tampering = {
  logs: (logs, _partition, { indexOf }) =>
    overridden<Logs>(logs, {
      readRaw: async function* (partition, from, to) {
        const { position } = await indexOf(partition).read(partition, [], []);
        const isAsked = position?.fencedAt === from && to === from + 1n;
        for await (const batch of logs.readRaw(partition, from, to)) {
          const isOther = isAsked && batch.every(({ message }) => message?.kind !== 'fence');
          if (!isOther) yield batch;
          else yield [{ offset: from, message: fenceOf(position) }];
        }
      },
    }),
};

const fenceOf = ({ epoch, fencedBy: author }: Position): RawMessage => ({ kind: 'fence', epoch, author });

/** A position is installed over whatever the fresh keys hold. */
export const uncheckedInstall: Tampering = {
  index: (index) =>
    overridden(index, { install: (partition, position) => index.install(partition, position, []) }),
};

/** A position is installed over whatever position another has set. */
export const installOver: Tampering = {
  index: (index, _partition, { indexOf }) =>
    overridden(index, {
      install: async (partition, position, expected) => {
        const found = (await index.read(partition, [], [])).position;
        if (found !== null && found.epoch === position.epoch)
          (indexOf(partition) as MemoryRosterIndex).losePosition(partition);
        return index.install(partition, position, expected);
      },
    }),
};

async function* without(
  batches: AsyncIterable<readonly LoggedChange[]>,
  isLeftOut: (message: LoggedChange) => boolean,
): AsyncIterable<readonly LoggedChange[]> {
  for await (const batch of batches) yield batch.filter((message) => !isLeftOut(message));
}
