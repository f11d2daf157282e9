/* What Privacy Shield may explain of a plan that updates everybody. Said in a sentence, and used for nothing else. */
import type { EntityType } from '#contracts';
import type { Reading } from './runs.js';

/** Records of these types are about people. */
const PEOPLE: readonly EntityType[] = ['users', 'demographics'];
/** From here on a rise is strong; single masked people come and go. */
const STRONG_RISE = 0.25;

/** One sentence if the share of masked users rose strongly against the last completed run, else none. */
export function maskSentence(type: EntityType, { masked, maskedBefore }: Reading): readonly string[] {
  const now = masked?.users;
  const before = maskedBefore?.users;
  if (!PEOPLE.includes(type) || now === undefined || before === undefined) return [];
  if (shareOf(now) - shareOf(before) < STRONG_RISE) return [];
  const rise = `${now.masked} of ${now.records} users came masked, ${before.masked} of ${before.records} before`;
  return [`This looks like a privacy mask switched on: ${rise}.`];
}

function shareOf({ records, masked }: { readonly records: number; readonly masked: number }): number {
  return records === 0 ? 0 : masked / records;
}
