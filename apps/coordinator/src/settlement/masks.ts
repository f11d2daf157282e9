/* What Privacy Shield may explain of a plan that updates everybody. Said in a sentence, and used for nothing else. */
import type { EntityType, PerType } from '#contracts';
import type { Reading } from './runs.js';

/** Records of these types are about people; demographics may also change because their users are masked. */
const EXPLAINED_BY: PerType<readonly EntityType[]> = {
  users: ['users'],
  demographics: ['demographics', 'users'],
};
/** From here on a rise is strong; single masked people come and go. */
const STRONG_RISE = 0.25;

/** One sentence if the share of masked people rose strongly against the last completed run, else none. */
export function maskSentence(type: EntityType, { masked, maskedBefore }: Reading): readonly string[] {
  for (const people of EXPLAINED_BY[type] ?? []) {
    const now = masked?.[people];
    const before = maskedBefore?.[people];
    if (now === undefined || before === undefined) continue;
    if (shareOf(now) - shareOf(before) < STRONG_RISE) continue;
    const rise = `${now.masked} of ${now.records} ${people} came masked, ${before.masked} of ${before.records} before`;
    return [`This looks like a privacy mask switched on: ${rise}.`];
  }
  return [];
}

function shareOf({ records, masked }: { readonly records: number; readonly masked: number }): number {
  return records === 0 ? 0 : masked / records;
}
