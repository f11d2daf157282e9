import type { EndMarker, RunKey } from '#contracts';
import type { DistrictView } from './index-state.js';
import { LostMarksError } from './lost-marks.error.js';
import { failing, strangerDecision, type Decision } from './markers.js';
import { plannedReport } from './plan-report.js';
import type { RosterIndex } from './ports.js';
import { mismatch } from './tally.js';

/**
 * END: the plan, if exactly the records arrived that were sent, and the index has a mark of each; answered again as it
 * was answered first.
 */
export async function decideEnd(
  index: RosterIndex,
  marker: EndMarker,
  place: { readonly partition: number; readonly epoch: number },
  district: DistrictView,
): Promise<Decision> {
  const { districtId, generation } = marker;
  const { snapshot, reports } = district;
  if (snapshot === null || snapshot.generation !== generation) {
    return strangerDecision(marker, place, 'end', snapshot);
  }
  if (snapshot.phase !== 'reading') {
    const answered = snapshot.phase === 'failed' ? reports.failed : reports.planned;
    return { reports: answered === undefined ? [] : [answered], writes: [] };
  }
  const run: RunKey = { districtId, generation };
  const refusal = mismatch(snapshot, marker.types);
  if (refusal !== null) return failing(run, place, 'end', refusal, snapshot);
  try {
    const planned = await plannedReport(index, run, place, district, snapshot);
    const after = { ...snapshot, phase: 'planned' as const };
    return { reports: [planned], writes: [{ districtId, snapshot: after, reports: { planned } }] };
  } catch (error) {
    if (!(error instanceof LostMarksError)) throw error;
    return failing(run, place, 'end', error.message, snapshot);
  }
}
