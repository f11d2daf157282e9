/*
 * Makes of changes in log order what can be written in two statements, each naming an id at most once, with the
 * outcome of writing them one by one: per id the last record, then an archive if it came after it. Within a fold,
 * as in the store, a change counts only if its generation is above that of the one before; behind a tombstone there is
 * none before.
 */
import type { ArchivedEvent, RecordEvent } from '#contracts';
import type { ChangeEntry, TombstoneEntry } from './decode-entries.js';

interface Row<E> {
  readonly districtId: string;
  readonly offset: bigint;
  readonly event: E;
  /** Time of the first change of this id in the fold: when it was first seen, should the row be new. */
  readonly firstSeenAt: string;
}
export type RecordRow = Row<RecordEvent>;
export type ArchiveRow = Row<ArchivedEvent>;

/** What a tombstone takes away: a record, or (without an id) the district's watermark; if it came from a lower offset. */
export interface ForgottenRow {
  readonly districtId: string;
  readonly gg4lId?: string;
  readonly offset: bigint;
}

export interface FoldedChanges {
  /** To be taken away before anything is written; in log order. */
  readonly forgotten: readonly ForgottenRow[];
  readonly records: readonly RecordRow[];
  /** To be written after the records. */
  readonly archives: readonly ArchiveRow[];
  /** What was folded, one by one in log order: for a store that keeps more than the last state. */
  readonly changes: readonly ChangeEntry[];
}

interface Folded {
  readonly firstSeenAt: string;
  generation: number;
  record: RecordRow | null;
  archive: ArchiveRow | null;
}

export function foldChanges(entries: readonly (ChangeEntry | TombstoneEntry)[]): FoldedChanges {
  const ids = new Map<string, Folded>();
  const changes: ChangeEntry[] = [];
  const forgotten: ForgottenRow[] = [];
  for (const change of entries) {
    if (change.kind === 'tombstone') {
      const { districtId, gg4lId, offset } = change;
      if (districtId === undefined) continue;
      forgotten.push({ districtId, offset, ...(gg4lId === undefined ? {} : { gg4lId }) });
      if (gg4lId !== undefined) ids.delete(`${districtId}/${gg4lId}`);
      continue;
    }
    changes.push(change);
    const id = `${change.districtId}/${change.event.subject}`;
    const folded = ids.get(id);
    if (folded === undefined) {
      const { time: firstSeenAt, generation } = change.event;
      const first: Folded = { firstSeenAt, generation, record: null, archive: null };
      ids.set(id, first);
      put(first, change);
    } else if (folded.generation < change.event.generation) {
      folded.generation = change.event.generation;
      put(folded, change);
    }
  }
  const all = [...ids.values()];
  return {
    forgotten,
    records: all.flatMap(({ record }) => record ?? []),
    archives: all.flatMap(({ archive }) => archive ?? []),
    changes,
  };
}

function put(folded: Folded, { districtId, offset, event }: ChangeEntry): void {
  const { firstSeenAt } = folded;
  if (isRecord(event)) {
    folded.record = { districtId, offset, firstSeenAt, event };
    folded.archive = null;
  } else {
    folded.archive = { districtId, offset, firstSeenAt, event };
  }
}

function isRecord(event: RecordEvent | ArchivedEvent): event is RecordEvent {
  return 'data' in event;
}
