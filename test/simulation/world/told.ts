/*
 * What an event tells of what changed, held against the records themselves as a right copy of the topic has them: no
 * attribute is named that did not change, none is left out whose digest differs, and the time of an archive is that of
 * the event that archived it. Of an archived record it may tell less: compaction has taken what it was.
 */
import type { Change } from '#contracts';
import { changedAttributes, digestAttributes } from '#oneroster';

/** What a right copy keeps of a record to tell what changed next. */
export interface Told {
  /** The last body, also while archived. */
  readonly body: Buffer | undefined;
  readonly archivedAt: string | undefined;
  /** What the event itself told: a repeat tells the same. */
  readonly said: string;
}

export function toldBy(before: Told | undefined, change: Change): Told {
  const { verb, cause, changed, archivedAt } = change;
  const said = `changed ${changed?.join(',') ?? '-'}, archived at ${archivedAt ?? '-'}`;
  if (verb !== 'archived') return { body: change.body, archivedAt: undefined, said };
  const isRepeat = cause === 'refresh' && before?.archivedAt !== undefined;
  return { body: before?.body, archivedAt: isRepeat ? before.archivedAt : change.time, said };
}

/** Why it cannot be so; null if it may. */
export function liesAbout(before: Told | undefined, change: Change): string | null {
  const { verb, cause, changed, archivedAt } = change;
  const mayTell = (verb === 'updated' && cause !== 'refresh') || verb === 'restored';
  if (!mayTell && changed !== undefined) return 'it names attributes';
  if (changed?.length === 0) return 'it names no attribute';
  if (archivedAt !== undefined && archivedAt !== before?.archivedAt)
    return `it was archived at ${before?.archivedAt ?? 'no time'}, not ${archivedAt}`;
  if (verb === 'restored' && archivedAt === undefined) return 'it does not say when it was archived';
  if (!mayTell || (changed === undefined && verb === 'restored')) return null;
  const { entityType, body } = change;
  if (before?.body === undefined || body === undefined) return null;
  const differing = differingIn(before.body, body);
  if (changed?.every((name) => differing.has(name)) === false)
    return `it names ${changed.join()}, of which some did not change`;
  const due = changedAttributes(
    entityType,
    digestAttributes(entityType, before.body),
    digestAttributes(entityType, body),
  ).join();
  return due === (changed ?? []).join() ? null : `it names ${changed?.join() ?? 'nothing'}, not ${due}`;
}

function differingIn(before: Buffer, after: Buffer): ReadonlySet<string> {
  const one = JSON.parse(String(before)) as Record<string, unknown>;
  const other = JSON.parse(String(after)) as Record<string, unknown>;
  const names = [...Object.keys(one), ...Object.keys(other)];
  return new Set(names.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name])));
}
