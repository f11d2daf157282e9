import type { ChangeVerb } from '#contracts';
import type { IndexEntry } from './index-state.js';

export type Classification = Exclude<ChangeVerb, 'archived'> | 'unchanged';

/** What a present record means against the index: unknown, archived, of another content, or the same. */
export function classify(entry: IndexEntry | null, fingerprint: Buffer): Classification {
  if (entry === null) return 'created';
  if (entry.status === 'archived') return 'restored';
  return entry.fingerprint.equals(fingerprint) ? 'unchanged' : 'updated';
}
