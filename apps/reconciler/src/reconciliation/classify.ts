import type { ChangeVerb } from '#contracts';
import type { IndexEntry } from './index-state.js';

export type Classification = Exclude<ChangeVerb, 'archived'> | 'unchanged' | 'refreshed';

/**
 * What a present record means against the index: unknown, archived, of another content, or the same; where its type is
 * refreshed, the same is sent again.
 */
export function classify(
  entry: IndexEntry | null,
  fingerprint: Buffer,
  isRefreshed: boolean,
): Classification {
  if (entry === null) return 'created';
  if (entry.status === 'archived') return 'restored';
  if (!entry.fingerprint.equals(fingerprint)) return 'updated';
  return isRefreshed ? 'refreshed' : 'unchanged';
}
