/** What became of the districts' runs: a table for people, a line of JSON for programs, and the exit code. */
import { ENTITY_TYPES, type EntityType, type VerbCounts } from '#contracts';
import type { Proof } from '#ledger';
import type { DistrictRun } from './runs.js';

export const VERBS = ['created', 'updated', 'restored', 'archived', 'unchanged', 'quarantined'] as const;

export interface DistrictOutcome {
  readonly districtId: string;
  readonly name: string;
  readonly generation: number | null;
  /** Of the run; or `suspended`. */
  readonly state: string;
  readonly why: string | null;
  readonly proof: Proof;
  readonly guard: readonly object[];
  /** What the plan says; empty where there was none. */
  readonly types: Readonly<Partial<Record<EntityType, VerbCounts>>>;
}

export const EXIT = { done: 0, failure: 1, held: 3, aborted: 4 } as const;

const NOTHING: VerbCounts = {
  ...{ created: 0, updated: 0, restored: 0, archived: 0, unchanged: 0, quarantined: 0 },
};

export function outcomeOf({ districtId, name, suspended, run }: DistrictRun): DistrictOutcome {
  const head = { districtId, name };
  if (run === null) {
    const state = suspended === null ? 'none' : 'suspended';
    return { ...head, generation: null, state, why: suspended, proof: [], guard: [], types: {} };
  }
  const isPlanned = Object.keys(run.types).length > 0;
  const types = Object.fromEntries(ENTITY_TYPES.map((type) => [type, { ...NOTHING, ...run.types[type] }]));
  const { generation, state, why, proof, guard } = run;
  return { ...head, generation, state, why, proof, guard, types: isPlanned ? types : {} };
}

const isDryRun = ({ run }: DistrictRun): boolean =>
  run?.dryRun === true && run.state === 'aborted' && run.why === 'dry-run';

/** A dry run that stopped after its plan did what it was asked; a suspended district does not count. */
export function exitCodeOf(districts: readonly DistrictRun[]): number {
  const states = districts.filter((district) => !isDryRun(district)).map(({ run }) => run?.state);
  if (states.includes('aborted')) return EXIT.aborted;
  return states.includes('held') ? EXIT.held : EXIT.done;
}

export function formatSummary(districts: readonly DistrictRun[]): string {
  return districts.map((district) => formatOutcome(outcomeOf(district))).join('\n\n');
}

function formatOutcome({ districtId, name, generation, state, why, proof, types }: DistrictOutcome): string {
  const run = generation === null ? '' : `, run ${generation}`;
  const reason = why === null ? '' : `\n  why: ${why}`;
  const head = [`${name} (${districtId})${run}: ${state}${reason}`, ...proofLines(proof)].join('\n');
  const rows = ENTITY_TYPES.flatMap((type) => {
    const counts = types[type];
    return counts === undefined ? [] : [[type, ...VERBS.map((verb) => String(counts[verb]))]];
  });
  return rows.length === 0 ? head : `${head}\n${formatTable([['', ...VERBS], ...rows])}`;
}

/** How many points are proven, and what was found of each other one. */
function proofLines(proof: Proof): readonly string[] {
  if (proof.length === 0) return [];
  const others = proof.filter(({ state }) => state !== 'proven');
  return [
    `  proof: ${proof.length - others.length} of ${proof.length} points proven`,
    ...others.map(({ point, state, finding }) => `    point ${point} ${state}: ${finding}`),
  ];
}

/** First column to the left, numbers to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(columns[0] ?? 0) : cell.padStart(columns[column] ?? 0),
      )
      .join('  ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
