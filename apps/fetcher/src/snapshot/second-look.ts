/*
 * A second look at a collection of which nothing says that no row slipped by: its pages could not be overlapped, and it
 * has neither a total on every page nor a readiness stamp. A record that went from before the cursor makes one behind it
 * be skipped, and the skipped one would be taken for absent. Read once more, it is most likely there.
 */
import { recordHash, type EntityType } from '#contracts';
import { readGg4lId, readRecord } from '#oneroster';
import type { CollectionPart } from '#school-passport';
import type { IdSet } from '../packing/id-set.js';
import type { CollectionFacts, SecondLook } from './collection-facts.js';

export function isDoubtful({ boundaries, totals }: CollectionFacts, isStamped: boolean): boolean {
  return boundaries.unchecked > 0 && totals?.isComplete !== true && !isStamped;
}

/** `undefined`: it was not there to be looked at any more. `ids`: those of the first reading. */
export async function lookAgain(
  { districtId, type }: { readonly districtId: string; readonly type: EntityType },
  parts: AsyncIterable<CollectionPart>,
  ids: Pick<IdSet, 'has'>,
  onPage: () => void,
): Promise<SecondLook | undefined> {
  const look = { rows: 0, missing: 0 };
  for await (const part of parts) {
    if (part.kind === 'not-granted') return undefined;
    if (part.kind === 'end') break;
    for (const row of part.rows) if (isMissing(row)) look.missing += 1;
    look.rows += part.rows.length;
    onPage();
  }
  return look;

  function isMissing(row: unknown): boolean {
    const gg4lId = readGg4lId((row as { readonly sourcedId?: unknown } | null)?.sourcedId);
    if (gg4lId === undefined || ids.has(recordHash(districtId, type, gg4lId))) return false;
    const reading = readRecord(type, row);
    return reading.kind !== 'unreadable' && !reading.withdrawn;
  }
}
