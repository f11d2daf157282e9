import type { RefreshDue } from './runs.js';
import type { Times } from './times.js';

/**
 * Whether a district whose types are due to be sent again is to get a run now. The first does at once; what a refresh
 * has not mended is tried again only after a pause, so that a copy that can never be mended does not pull for ever.
 */
export function isRefreshWanted({ refreshedAt }: RefreshDue, now: number, { refreshMs }: Times): boolean {
  if (refreshMs === null) return false;
  return refreshedAt === null || now - refreshedAt >= refreshMs || refreshedAt > now;
}
