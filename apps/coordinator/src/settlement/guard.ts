/*
 * The guard: the rules that let a plan through or hold it. A finding says which rule spoke, with its numbers, in a
 * sentence; the strongest effect of all findings is the hold. It never lets a plan do more for having more findings.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { limitsOf, type DistrictSettings } from './limits.js';
import { maskSentence } from './masks.js';
import type { Plan, TypeTotals } from './plan.js';
import type { Hold, ProofPoint, Reading } from './runs.js';

export type GuardRule =
  'empty-collection' | 'stale-ratio' | 'updated-ratio' | 'quarantined-ratio' | 'unreadable' | 'proof';

export interface Finding {
  readonly rule: GuardRule;
  readonly entityType: EntityType | null;
  readonly numbers: Readonly<Record<string, number>>;
  readonly effect: Hold;
  readonly sentence: string;
}

export function judgePlan(
  plan: Pick<Plan, 'types'>,
  reading: Reading,
  settings: DistrictSettings,
  now: number,
): readonly Finding[] {
  const byType = ENTITY_TYPES.flatMap((type) => {
    const totals = plan.types[type];
    return totals === undefined ? [] : judgeType(type, totals, reading, settings, now);
  });
  const unproven = reading.proof.filter(({ point, state }) => point >= 4 && state === 'failed');
  return [...byType, ...unproven.map(proofFinding)];
}

export function holdOf(findings: readonly Finding[]): Hold | null {
  if (findings.some(({ effect }) => effect === 'everything')) return 'everything';
  return findings.length > 0 ? 'sweep' : null;
}

function judgeType(
  type: EntityType,
  totals: TypeTotals,
  reading: Reading,
  settings: DistrictSettings,
  now: number,
): Finding[] {
  const limits = limitsOf(settings, type, now);
  const { active, seen, stale, updated, quarantined } = totals;
  const unreadable = reading.unreadable[type] ?? 0;
  const absence = absenceOf(type, totals, reading);
  const findings: Finding[] = [];
  if (active > 0 && absence !== null) {
    const sentence = `${type} ${absence}; ${active} are active.`;
    findings.push(finding('empty-collection', type, { active }, 'sweep', sentence));
  }
  if (exceeds(stale, active, limits.staleRatio, limits.staleFloor)) {
    const sentence = `${stale} of ${active} active ${type} would be archived (${share(stale, active)}).`;
    findings.push(finding('stale-ratio', type, { stale, active }, 'sweep', sentence));
  }
  if (exceeds(updated, active, limits.updatedRatio, limits.updatedFloor)) {
    const what = `${updated} of ${active} active ${type} would be updated (${share(updated, active)}).`;
    const sentence = [what, ...maskSentence(type, reading)].join(' ');
    findings.push(finding('updated-ratio', type, { updated, active }, 'everything', sentence));
  }
  if (exceeds(quarantined, seen, limits.quarantinedRatio, limits.quarantinedFloor)) {
    const sentence = `${quarantined} of ${seen} ${type} could not be taken over (${share(quarantined, seen)}).`;
    findings.push(finding('quarantined-ratio', type, { quarantined, seen }, 'everything', sentence));
  }
  if (unreadable >= limits.unreadableFrom) {
    const sentence = `${unreadable} ${type} came without a usable id.`;
    findings.push(finding('unreadable', type, { unreadable }, 'sweep', sentence));
  }
  return findings;
}

/** Why nothing of a type came; null if something did. */
function absenceOf(type: EntityType, { seen, withdrawn }: TypeTotals, reading: Reading): string | null {
  if (reading.notAllowed?.includes(type) === true) return "is not on the district's allow-list";
  if (reading.notGranted.includes(type)) return 'is not granted any more';
  return seen + withdrawn === 0 ? 'came back empty' : null;
}

/** Of a point from 4 on that failed though the pull was repeated. */
export function proofFinding({ point, finding: found }: ProofPoint): Finding {
  return finding('proof', null, { point }, 'sweep', `Point ${point} of the proof failed: ${found}`);
}

function finding(
  rule: GuardRule,
  entityType: EntityType | null,
  numbers: Readonly<Record<string, number>>,
  effect: Hold,
  sentence: string,
): Finding {
  return { rule, entityType, numbers, effect, sentence };
}

function exceeds(part: number, whole: number, ratio: number, floor: number): boolean {
  return part > floor && part > whole * ratio;
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'of none' : `${((100 * part) / whole).toFixed(1)} %`;
}
