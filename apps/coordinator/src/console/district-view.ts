import type { DistrictSummary } from '#ledger';
import { blackoutAt, type Blackout } from '../settlement/blackouts.js';

export interface DistrictView extends DistrictSummary {
  /** In force now: nothing is pulled by schedule. */
  readonly blackout: Blackout | null;
}

export function viewDistrict(district: DistrictSummary, now: number): DistrictView {
  return { ...district, blackout: blackoutAt(district.settings.blackouts, now) };
}
