import type { EndMarker, RunKey } from '#contracts';
import type { DistrictView } from './index-state.js';
import { failedReport, strangerDecision, type Decision } from './markers.js';
import { plannedReport } from './plan-report.js';
import type { RosterIndex } from './ports.js';
import { mismatch } from './tally.js';

/** END: the plan, if exactly the records arrived that were sent; answered again as it was answered first. */
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
  if (refusal !== null) {
    const failed = failedReport(run, place, 'end', refusal, generation);
    const after = { ...snapshot, phase: 'failed' as const };
    return { reports: [failed], writes: [{ districtId, snapshot: after, reports: { failed } }] };
  }
  const planned = await plannedReport(index, run, place, district, snapshot);
  const after = { ...snapshot, phase: 'planned' as const };
  return { reports: [planned], writes: [{ districtId, snapshot: after, reports: { planned } }] };
}
