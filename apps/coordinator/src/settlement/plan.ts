/*
 * The plan of a run: what all partitions together would do, and its digest, which an approval names. The digest is
 * SHA-256 in hex of the RFC 8785 JSON of [districtId, generation, [type, partition, counts, xors] …], sorted by type
 * and partition. Every value is a safe integer or plain ASCII and every object is built with its names in order, so
 * that JSON.stringify gives exactly that form.
 */
import { createHash } from 'node:crypto';
import {
  ENTITY_TYPES,
  schoolHash,
  type EntityType,
  type PerType,
  type RunKey,
  type TypePlan,
} from '#contracts';
import { absentOf } from './absent.js';
import type { Absent, PartitionPlan, PlanInBrief } from './runs.js';

export interface TypeTotals {
  readonly active: number;
  readonly seen: number;
  readonly unchanged: number;
  readonly created: number;
  readonly updated: number;
  readonly restored: number;
  readonly refreshed: number;
  readonly stale: number;
  readonly withdrawn: number;
  readonly quarantined: number;
  /** Stale records by the hash of their school's id. */
  readonly staleBySchool: Readonly<Record<string, number>>;
}

export interface Plan extends PlanInBrief {
  readonly digest: string;
  readonly types: PerType<TypeTotals>;
  readonly absent: PerType<Absent>;
}

const COUNTS = [
  'active',
  'created',
  'quarantined',
  'refreshed',
  'restored',
  'seen',
  'stale',
  'unchanged',
  'updated',
  'withdrawn',
] as const;
const XORS = ['created', 'restored', 'stale', 'updated'] as const;

export function buildPlan(run: RunKey, answers: readonly PartitionPlan[]): Plan {
  const types = Object.fromEntries(ENTITY_TYPES.map((type) => [type, totalsOf(type, answers)])) as Record<
    EntityType,
    TypeTotals
  >;
  const totals = Object.values(types);
  const staleOrgIds = answers.flatMap(({ types: planned }) => planned.orgs?.staleIds ?? []);
  return {
    digest: planDigest(run, answers),
    types,
    absent: absentOf(answers),
    nothingToApply: totals.every(
      ({ created, updated, restored, refreshed }) => created + updated + restored + refreshed === 0,
    ),
    staleOrgs: staleOrgIds.map((gg4lId) => schoolHash(gg4lId).toString('hex')).sort(),
    quarantinedActive: ENTITY_TYPES.filter((type) => quarantinedActive(types[type]) !== 0),
  };
}

export function planDigest(run: RunKey, answers: readonly PartitionPlan[]): string {
  const rows = answers
    .flatMap(({ partition, types }) =>
      ENTITY_TYPES.flatMap((type) => {
        const plan = types[type];
        return plan === undefined ? [] : [{ type, partition, plan }];
      }),
    )
    .sort((a, b) => (a.type === b.type ? a.partition - b.partition : a.type < b.type ? -1 : 1))
    .map(({ type, partition, plan }) => [type, partition, countsOf(plan), xorsOf(plan)]);
  return createHash('sha256')
    .update(JSON.stringify([run.districtId, run.generation, ...rows]))
    .digest('hex');
}

function countsOf(plan: TypePlan): Record<string, number> {
  return Object.fromEntries(COUNTS.map((name) => [name, plan[name]]));
}

function xorsOf(plan: TypePlan): Record<string, string> {
  return Object.fromEntries(XORS.map((name) => [name, plan.xor[name]]));
}

const NONE = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<(typeof COUNTS)[number], number>;

function totalsOf(type: EntityType, answers: readonly PartitionPlan[]): TypeTotals {
  const staleBySchool: Record<string, number> = {};
  const totals = { ...NONE, staleBySchool };
  for (const { types } of answers) {
    const plan = types[type];
    if (plan === undefined) continue;
    for (const name of COUNTS) totals[name] += plan[name];
    for (const [school, count] of Object.entries(plan.staleBySchool)) {
      staleBySchool[school] = (staleBySchool[school] ?? 0) + count;
    }
  }
  return totals;
}

/** Active records that came quarantined: those active that are neither stale nor seen in a form that can be read. */
function quarantinedActive({ active, stale, seen, quarantined, created, restored }: TypeTotals): number {
  return active - stale - (seen - quarantined - created - restored);
}

/** What no plan of a partition can be, in a sentence; null if all of them can be added up. */
export function planFault(answers: readonly PartitionPlan[], partitionCount: number): string | null {
  const partitions = new Set(answers.map(({ partition }) => partition));
  if (partitions.size !== partitionCount || answers.length !== partitionCount) {
    return `${answers.length} plans of ${partitions.size} partitions, where ${partitionCount} are needed`;
  }
  for (const { partition, types } of answers) {
    for (const type of ENTITY_TYPES) {
      const fault = typeFault(types[type]);
      if (fault !== null) return `the plan of partition ${partition} for ${type} ${fault}`;
    }
  }
  return null;
}

function typeFault(plan: TypePlan | undefined): string | null {
  if (plan === undefined) return 'is missing';
  const counts = [...COUNTS.map((name) => plan[name]), ...Object.values(plan.staleBySchool)];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return 'has a count that is none';
  return XORS.every((name) => /^[0-9a-f]{16}$/.test(plan.xor[name])) ? null : 'has an xor that is none';
}
