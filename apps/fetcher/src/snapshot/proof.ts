/* The completeness proof of a pull, judged from what reading found. Pure; only `failed` has an effect on the run. */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import type { Proof, ProofPoint, ReferenceShares } from '#ledger';
import type { Boundaries } from '#school-passport';
import type { CollectionFacts } from './collection-facts.js';

export interface Evidence {
  /** When the source's data became ready, as told before the first page and after the last. */
  readonly stampBefore: string | null;
  readonly stampAfter: string | null;
  readonly collections: Readonly<Record<EntityType, CollectionFacts>>;
  /** Of the district's last completed run. */
  readonly lastReferences: ReferenceShares | null;
}

export const CHECKED_TYPES = ['courses', 'classes', 'enrollments'] as const satisfies readonly EntityType[];

const MAX_RISE_PERCENT = 5;
const MAX_RECORD_RISE = 20;
/** Records that may be gone by the second look. */
const MAX_GONE = 20;
const NOTHING = { checked: 0, outside: 0 };

export function prove(evidence: Evidence): Proof {
  return [
    stampHeld(evidence),
    endsConfirmed(evidence.collections),
    pagesOverlap(evidence.collections),
    noConflicts(evidence.collections),
    referencesClose(evidence),
    { point: 6, state: 'not available', finding: 'No record was asked for one by one.' },
  ];
}

export function referenceShares(collections: Evidence['collections']): ReferenceShares {
  const shares = CHECKED_TYPES.map((type) => {
    const { checked, outside } = collections[type];
    return [type, { checked, outside }] as const;
  });
  return Object.fromEntries(shares);
}

function stampHeld({ stampBefore, stampAfter }: Evidence): ProofPoint {
  if (stampBefore === null && stampAfter === null) {
    return { point: 1, state: 'not available', finding: 'The source told no time of readiness.' };
  }
  if (stampBefore === stampAfter) {
    return {
      point: 1,
      state: 'proven',
      finding: `Data ready since ${stampBefore} before and after reading.`,
    };
  }
  const change = `${stampBefore ?? 'no time'} to ${stampAfter ?? 'no time'}`;
  return {
    point: 1,
    state: 'failed',
    finding: `The time of readiness changed while reading, from ${change}.`,
  };
}

function endsConfirmed(collections: Evidence['collections']): ProofPoint {
  const granted = ENTITY_TYPES.filter((type) => collections[type].granted);
  const faults = granted.flatMap((type) => faultOfEnd(type, collections[type]));
  if (faults.length > 0) return { point: 2, state: 'failed', finding: `${faults.join('; ')}.` };
  const rows = granted.reduce((sum, type) => sum + collections[type].rows, 0);
  const withTotals = granted.filter((type) => collections[type].totals?.isComplete).length;
  const ends = `${granted.length} of ${ENTITY_TYPES.length} collections granted, each read to its confirmed end`;
  const totals =
    withTotals === 0
      ? 'no totals to compare'
      : `totals on every page of ${withTotals}, equal to the distinct ids`;
  const finding = `${ends}; ${rows} rows; ${totals}.`;
  return { point: 2, state: withTotals === granted.length ? 'proven' : 'not available', finding };
}

function faultOfEnd(type: EntityType, facts: CollectionFacts): string[] {
  const { endConfirmed, totals, distinct, unreadable } = facts;
  if (!endConfirmed) return [`${type} had no confirmed end`];
  if (totals === null) return [];
  if (totals.least !== totals.most) return [`${type} claimed totals from ${totals.least} to ${totals.most}`];
  // A row without a usable id is in the total, though it has none.
  if (totals.most === distinct + unreadable) return [];
  const without = unreadable > 0 ? ` and ${unreadable} rows without a usable one` : '';
  return [`${type} claimed a total of ${totals.most} and gave ${distinct} distinct ids${without}`];
}

function pagesOverlap(collections: Evidence['collections']): ProofPoint {
  const sum = (kind: keyof Boundaries): number =>
    ENTITY_TYPES.reduce((total, type) => total + collections[type].boundaries[kind], 0);
  const where = (kind: keyof Boundaries): string => {
    const types = ENTITY_TYPES.filter((type) => collections[type].boundaries[kind] > 0);
    return types.map((type) => `${collections[type].boundaries[kind]} in ${type}`).join(', ');
  };
  const [matched, mismatched, unchecked] = [sum('matched'), sum('mismatched'), sum('unchecked')];
  if (mismatched > 0) {
    const finding = `Pages that did not begin at the last row of the one before: ${where('mismatched')}.`;
    return { point: 3, state: 'failed', finding };
  }
  if (unchecked > 0) {
    const finding = `Pages that the source could not begin at the last row of the one before: ${where('unchecked')}.`;
    return { point: 3, state: 'not available', finding };
  }
  if (matched === 0) return { point: 3, state: 'not available', finding: 'No pages followed each other.' };
  const finding = `${matched} pages each began at the last row of the one before.`;
  return { point: 3, state: 'proven', finding };
}

function noConflicts(collections: Evidence['collections']): ProofPoint {
  const conflicts = ENTITY_TYPES.filter((type) => collections[type].repeatedDifferent > 0);
  const same = ENTITY_TYPES.reduce((sum, type) => sum + collections[type].repeatedSame, 0);
  const missed = ENTITY_TYPES.filter((type) => (collections[type].secondLook?.missing ?? 0) > 0);
  const faults: string[] = [];
  if (conflicts.length > 0) {
    const counts = conflicts.map((type) => `${collections[type].repeatedDifferent} in ${type}`).join(', ');
    faults.push(`Rows that repeat an id with different content: ${counts}.`);
  }
  if (missed.length > 0) {
    const counts = missed.map((type) => `${collections[type].secondLook?.missing} in ${type}`).join(', ');
    faults.push(`Records that only a second look found: ${counts}.`);
  }
  const unseen = ENTITY_TYPES.filter((type) => hasNotSeenAll(collections[type]));
  if (unseen.length > 0) faults.push(`A second look did not see all of it: ${unseen.join(', ')}.`);
  if (faults.length > 0) return { point: 4, state: 'failed', finding: faults.join(' ') };
  const looked = ENTITY_TYPES.filter((type) => collections[type].secondLook !== undefined);
  const nothing = looked.length === 0 ? '' : ` A second look found nothing new: ${looked.join(', ')}.`;
  const finding = `No id was repeated with different content; ${same} rows repeated one with the same.${nothing}`;
  return { point: 4, state: 'proven', finding };
}

/** A few may have gone between the two. */
function hasNotSeenAll({ secondLook, distinct }: CollectionFacts): boolean {
  if (secondLook === undefined || distinct === 0) return false;
  return secondLook.rows === 0 || distinct - secondLook.rows > MAX_GONE;
}

function referencesClose({ collections, lastReferences }: Evidence): ProofPoint {
  const now = referenceShares(collections);
  const counts = CHECKED_TYPES.map(
    (type) => `${now[type]?.outside ?? 0} of ${now[type]?.checked ?? 0} ${type}`,
  );
  const notGranted = ENTITY_TYPES.filter((type) => !collections[type].granted);
  const without =
    notGranted.length === 0 ? '' : `; not granted, so not looked into: ${notGranted.join(', ')}`;
  const finding = `Pointing outside this snapshot: ${counts.join(', ')}${without}`;
  if (lastReferences === null) {
    return { point: 5, state: 'not available', finding: `${finding}; no completed run to compare with.` };
  }
  const risen = CHECKED_TYPES.flatMap((type) => riseOf(type, now, lastReferences));
  if (risen.length === 0) return { point: 5, state: 'proven', finding: `${finding}; not risen.` };
  return { point: 5, state: 'failed', finding: `${finding}; risen: ${risen.join(', ')}.` };
}

/** A type of which the last run had nothing to check (not granted then, or empty) has no share to rise from. */
function riseOf(type: EntityType, now: ReferenceShares, last: ReferenceShares): string[] {
  const after = now[type] ?? NOTHING;
  const before = last[type] ?? NOTHING;
  if (after.checked === 0 || before.checked === 0) return [];
  // Whole numbers: as fractions, a rise of exactly so many points may be one too many.
  const rise = 100 * (after.outside * before.checked - before.outside * after.checked);
  const isShareRisen = rise > MAX_RISE_PERCENT * after.checked * before.checked;
  if (!isShareRisen || after.outside - before.outside <= MAX_RECORD_RISE) return [];
  return [`${type} from ${before.outside} of ${before.checked}`];
}
