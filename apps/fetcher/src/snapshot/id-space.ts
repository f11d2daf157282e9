import type { ClaimedConfirmation, KnownVersions } from '#ledger';
import type { DistrictSource } from '#school-passport';
import { SnapshotError } from './snapshot.errors.js';

/**
 * Ids of another OneRoster version need not be the ids that are known: read unasked, everybody would be archived and
 * created anew. Throws SnapshotError, unless an operator has set the version for the district.
 */
export function requireIdSpace(version: string, { last, confirmed }: KnownVersions): void {
  if (last === null || last === version || confirmed === version) return;
  throw new SnapshotError(
    `it was read with OneRoster ${last} until now, and the source is ${version}: another id space, ` +
      "to be confirmed in the district's settings (version)",
    'none',
  );
}

/** The source must be the same before the first page and after the last. */
export function requireSameSource(before: DistrictSource, after: DistrictSource): void {
  if (before.version !== after.version)
    throw new SnapshotError('the OneRoster version changed while reading', 'source');
  if (placeOf(before) !== placeOf(after))
    throw new SnapshotError('the place of the source changed while reading', 'source');
}

function placeOf(source: DistrictSource): string {
  return source.kind === 'server' ? source.oneRosterUrl : source.path;
}

/** A 404 in one id space says nothing of a record of another. */
export function requireVersionRead(
  { version: read }: Pick<ClaimedConfirmation, 'version'>,
  { version: now }: Pick<DistrictSource, 'version'>,
): void {
  if (read === null || read === now) return;
  throw new SnapshotError(`it was read with OneRoster ${read}, and the source is ${now} now`, 'none');
}
