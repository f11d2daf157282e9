/** What the audience reads: sentences, tables, held plans. */
import { ENTITY_TYPES } from '#contracts';
import { formatTable } from '../start/summary.js';
import { type Counts } from './rows.js';

const COLUMNS = ['created', 'updated', 'restored', 'archived', 'unchanged'] as const;
/** The others are known by ids only. */
const NAMED: ReadonlySet<string> = new Set(['orgs', 'courses', 'classes', 'users']);
const NAMES_SHOWN = 6;
const WIDTH = 100;

/** What would be archived of one type, as the admin API shows it. */
export interface StaleView {
  readonly entityType: string;
  readonly count: number;
  readonly schools: readonly { readonly school: string; readonly count: number }[];
  readonly names: readonly { readonly gg4lId: string; readonly name: string | null }[];
}

export interface HeldPlan {
  readonly why: string | null;
  readonly digest: string | null;
  readonly guard: readonly { readonly sentence?: string }[];
  readonly stale: readonly StaleView[];
}

export function formatCounts(counts: Counts): string {
  const rows = ENTITY_TYPES.map((type) => [type, ...COLUMNS.map((verb) => String(counts[type][verb]))]);
  const totals = COLUMNS.map((verb) =>
    String(ENTITY_TYPES.reduce((sum, type) => sum + counts[type][verb], 0)),
  );
  return formatTable([['', ...COLUMNS], ...rows, ['together', ...totals]]);
}

export function formatHeldPlan({ digest, guard, stale }: HeldPlan): string {
  const reasons = guard.map(({ sentence }) => `    ${sentence ?? 'a rule without a sentence'}`);
  const archives = stale.flatMap(({ entityType, count, schools, names }) => {
    const bySchool = schools.map(({ school, count: of }) => `${school}: ${of}`).join(', ');
    const head = wrap(`${count} ${entityType} (${bySchool})`, '    ');
    if (!NAMED.has(entityType)) return [head];
    const shown = names.slice(0, NAMES_SHOWN).map(({ gg4lId, name }) => name ?? gg4lId);
    const more = count > shown.length ? `, and ${count - shown.length} more` : '';
    return [head, wrap(`${shown.join(', ')}${more}`, '        ')];
  });
  return [
    '  The plan is held:',
    ...reasons,
    '  It would archive:',
    ...archives,
    `  Its digest: ${digest ?? 'none'}`,
  ].join('\n');
}

export function wrap(text: string, indent = ''): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] ?? '';
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => `${indent}${line}`).join('\n');
}
