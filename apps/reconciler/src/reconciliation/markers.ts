/*
 * Markers that change no record: BEGIN, ABORT, ASK. Each is decided from the view and returns the reports to send
 * and the writes to make; a marker that was followed before is answered again and changes nothing.
 */
import type { AbortMarker, AskMarker, BeginMarker, Report, ReportOf, RunKey } from '#contracts';
import type { DistrictView, DistrictWrites, SnapshotState } from './index-state.js';
import { appliedReport, sweptReport } from './tally.js';

export interface Decision {
  readonly reports: readonly Report[];
  readonly writes: readonly DistrictWrites[];
}

type Place = { readonly partition: number; readonly epoch: number };
type FailedMarker = ReportOf<'failed'>['marker'];

const NOTHING: Decision = { reports: [], writes: [] };

export function failedReport(
  run: RunKey,
  place: Place,
  marker: FailedMarker,
  reason: string,
  highestGeneration: number,
): ReportOf<'failed'> {
  const { districtId, generation } = run;
  return { kind: 'failed', districtId, generation, ...place, marker, reason, highestGeneration };
}

/** The snapshot is at its end: told, and kept as told. */
export function failing(
  run: RunKey,
  place: Place,
  marker: FailedMarker,
  reason: string,
  snapshot: SnapshotState,
): Decision {
  const { districtId } = run;
  const failed = failedReport(run, place, marker, reason, snapshot.generation);
  return {
    reports: [failed],
    writes: [{ districtId, snapshot: { ...snapshot, phase: 'failed' }, reports: { failed } }],
  };
}

/** What to answer a marker whose run is not the current one: nothing to an older run, `failed` to an unknown one. */
export function strangerDecision(
  run: RunKey,
  place: Place,
  marker: FailedMarker,
  snapshot: SnapshotState | null,
): Decision {
  const highest = snapshot?.generation ?? 0;
  if (run.generation < highest) return NOTHING;
  return { reports: [failedReport(run, place, marker, 'its BEGIN never arrived here', highest)], writes: [] };
}

export function decideBegin(marker: BeginMarker, district: DistrictView): Decision {
  const { districtId, generation, openedAt, refresh } = marker;
  const current = district.snapshot;
  if (current !== null && current.generation >= generation) return NOTHING;
  const snapshot: SnapshotState = { generation, phase: 'reading', openedAt, refresh, types: {} };
  const forget = { generation: current?.generation ?? generation, reports: true };
  return { reports: [], writes: [{ districtId, snapshot, forget }] };
}

export function decideAbort(marker: AbortMarker, district: DistrictView): Decision {
  const { districtId, generation } = marker;
  const snapshot = district.snapshot;
  if (snapshot === null || snapshot.generation !== generation) return NOTHING;
  if (snapshot.phase === 'swept' || snapshot.phase === 'aborted') return NOTHING;
  const forget = { generation, reports: false };
  return { reports: [], writes: [{ districtId, snapshot: { ...snapshot, phase: 'aborted' }, forget }] };
}

/** `ready`, and what this partition has reported of the run so far. */
export function decideAsk(marker: AskMarker, place: Place, district: DistrictView | undefined): Decision {
  const reports: Report[] = [{ kind: 'ready', ...place, nonce: marker.nonce }];
  if (marker.run !== undefined) reports.push(...repeated(marker.run, place, district));
  return { reports, writes: [] };
}

function repeated(run: RunKey, place: Place, district: DistrictView | undefined): readonly Report[] {
  const snapshot = district?.snapshot ?? null;
  const highest = snapshot?.generation ?? 0;
  if (run.generation > highest) return [];
  if (district === undefined || snapshot === null || run.generation < highest) {
    return [failedReport(run, place, 'ask', 'its BEGIN never arrived here', highest)];
  }
  const { planned, failed } = district.reports;
  const reports: Report[] = planned === undefined ? [] : [planned];
  if (snapshot.phase === 'failed' && failed !== undefined) reports.push(failed);
  if (snapshot.phase === 'applied') reports.push(appliedReport(run, place, snapshot));
  if (snapshot.phase === 'swept') {
    reports.push(appliedReport(run, place, snapshot), sweptReport(run, place, district));
  }
  return reports;
}
