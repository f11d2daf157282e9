/* What a consumer does with each change of a type, where it keeps no store of its own. */
import type { ArchivedEvent, ChangeCause, ChangeVerb, EntityType, RecordEvent } from '#contracts';

interface AnyChange {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly gg4lId: string;
  readonly generation: number;
  /** When the run was opened that brought the change. */
  readonly time: string;
  /** Whether a change of this id was handed out before. */
  readonly isKnown: boolean;
  readonly cause?: ChangeCause;
}

export interface RecordChange extends AnyChange {
  readonly verb: 'created' | 'updated' | 'restored';
  /** Of `updated` and `restored`, where the event says so: names of the attributes that are other, new or gone. */
  readonly changed?: readonly string[];
  /** Of `restored`, where the event says so: when it had been archived. */
  readonly archivedAt?: string;
  /** The canonical record: OneRoster's attribute names. */
  readonly record: RecordEvent['data'] & Readonly<Record<string, unknown>>;
  readonly event: RecordEvent;
}

export interface ArchiveChange extends AnyChange {
  readonly verb: 'archived';
  readonly event: ArchivedEvent;
}

/** The record is gone for good, at the end of its retention or because a person was erased; whether it was active or not. */
export interface ForgottenRecord {
  readonly districtId: string;
  readonly entityType: EntityType;
  readonly gg4lId: string;
}

type Handle<C> = (change: C) => void | Promise<void>;

/**
 * Each is called at least once for a change, in order of an id, and must bear being called again with the same: if the
 * process dies before it is noted, the change comes again. `RefusedRowsError` makes the event a dead letter; any other
 * error brings the batch again.
 */
export interface ChangeHandlers {
  readonly created?: Handle<RecordChange>;
  readonly updated?: Handle<RecordChange>;
  readonly restored?: Handle<RecordChange>;
  readonly archived?: Handle<ArchiveChange>;
  /** Remove what you hold of the record; also called of what was never handed out. */
  readonly forgotten?: Handle<ForgottenRecord>;
}

export type Handlers = Partial<Readonly<Record<EntityType, ChangeHandlers>>>;

export function hand(
  handlers: ChangeHandlers,
  verb: ChangeVerb,
  event: RecordEvent | ArchivedEvent,
  about: Pick<AnyChange, 'districtId' | 'entityType' | 'isKnown'>,
): void | Promise<void> {
  const { subject: gg4lId, generation, time, cause } = event;
  const change = { ...about, gg4lId, generation, time, ...(cause === undefined ? {} : { cause }) };
  if (!('data' in event)) return handlers.archived?.({ ...change, verb: 'archived', event });
  if (verb === 'archived') throw new TypeError('an archive has no record');
  return handlers[verb]?.({ ...change, verb, record: event.data, event, ...whatChanged(event) });
}

function whatChanged({ changed, archivedat }: RecordEvent): Pick<RecordChange, 'changed' | 'archivedAt'> {
  return {
    ...(changed === undefined ? {} : { changed: changed.split(',') }),
    ...(archivedat === undefined ? {} : { archivedAt: archivedat }),
  };
}
