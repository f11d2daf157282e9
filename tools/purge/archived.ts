import { EXIT_BUSY } from './command.js';
import { DistrictBusyError } from './quiet-district.js';
import type { Removal } from './removal.js';

export interface Output {
  readonly line: (text: string) => void;
  readonly warn: (text: string) => void;
}

/**
 * Removes what was archived before a time, of one district after the other. One of which a run is open is passed by, so
 * that it never keeps those behind it from being purged: a plan may be held for weeks. Gives the exit code.
 */
export async function purgeArchived(
  removal: Pick<Removal, 'purge'>,
  districts: readonly string[],
  before: Date,
  { line, warn }: Output,
): Promise<number> {
  let code = 0;
  for (const districtId of districts) {
    const what = { districtId, archivedBefore: before.toISOString() };
    try {
      line(JSON.stringify({ ...what, removed: await removal.purge(districtId, before) }));
    } catch (error) {
      if (!(error instanceof DistrictBusyError)) throw error;
      line(JSON.stringify({ ...what, busy: true }));
      warn(`${error.message}; try again later`);
      code = EXIT_BUSY;
    }
  }
  return code;
}
