/* What options come to: a store to write to, progress to keep, types to read, a group to be in. */
import { randomUUID } from 'node:crypto';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { RosterStore } from './following/ports.js';
import { HandlerStore } from './handlers/handler.store.js';
import { MemoryState } from './handlers/memory.state.js';
import type { HandlerOptions, RosterConsumerOptions, StoreOptions } from './options.js';
import type { Progress } from './progress/progress.js';

/** A step of handlers is committed about this often. */
const HANDLER_STEP_MS = 2_000;

export interface Copy {
  readonly store: RosterStore;
  readonly progress: Progress;
  readonly types: readonly EntityType[];
  readonly groupId: string;
  readonly stepMs?: number;
  /** Before a second read: what is known is to be handed out again. */
  readonly forget?: (districtId: string, entityType: EntityType, partition: number) => Promise<void>;
}

export function copyOf(options: RosterConsumerOptions): Copy {
  const copy = 'store' in options ? ownStore(options) : ofHandlers(options);
  if (copy.types.length === 0) throw new Error('a consumer needs handlers or a store of at least one type');
  return copy;
}

function ownStore({ store, types, progress, groupId }: StoreOptions): Copy {
  return { store, types, progress: progress ?? new MemoryState(), groupId };
}

function ofHandlers({ handlers, state, count, groupId }: HandlerOptions): Copy {
  const kept = state ?? new MemoryState();
  return {
    store: new HandlerStore(handlers, kept, count),
    progress: kept,
    types: ENTITY_TYPES.filter((type) => handlers[type] !== undefined),
    // What is in memory is gone with the process, and a group's offsets would hide it from the next one.
    groupId: state === undefined ? `${groupId}.${randomUUID()}` : groupId,
    stepMs: HANDLER_STEP_MS,
    // The own copy has lost what the state says was handed out.
    ...(count === undefined ? {} : { forget: (...place) => kept.forget(...place) }),
  };
}
