/*
 * A second look at a collection of which nothing says that no row slipped by. Either its pages could not be overlapped
 * and there is no readiness stamp: a record that went from before the cursor makes one behind it be skipped, and totals
 * do not tell where another came meanwhile. Or there is no total on every page, and rows came twice on pages that followed
 * each other: at exact offsets, as many others have not come at all. The skipped one would be taken for absent; read once
 * more, it is most likely there. Where the overlap failed the pull is not believed in any case.
 */
import { recordHash, type EntityType } from '#contracts';
import { readGg4lId, readRecord } from '#oneroster';
import type { CollectionPart } from '#school-passport';
import type { IdSet } from '../packing/id-set.js';
import type { CollectionFacts, SecondLook } from './collection-facts.js';

export function isDoubtful(
  { boundaries, totals, repeatedSame }: CollectionFacts,
  isStamped: boolean,
): boolean {
  const { matched, mismatched, unchecked } = boundaries;
  if (mismatched > 0) return false;
  if (unchecked > 0 && !isStamped) return true;
  return totals?.isComplete !== true && repeatedSame > 0 && matched + unchecked > 0;
}

/** `ids`: those of the first reading. */
export async function lookAgain(
  { districtId, type }: { readonly districtId: string; readonly type: EntityType },
  parts: AsyncIterable<CollectionPart>,
  ids: Pick<IdSet, 'has'>,
  onPage: () => void,
): Promise<SecondLook> {
  const look = { rows: 0, missing: 0 };
  for await (const part of parts) {
    if (part.kind !== 'page') break;
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
