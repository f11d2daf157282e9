/** The fault matrix with its results, for people. */
import type { Played } from '../../test/pipeline/faults/fault-case.js';

const HEAD = ['', 'result', 'run', 'recovery', 'restarts', 'seconds'] as const;

export function formatLine({ name, failure, recoveryMs, seconds }: Played): string {
  const recovery = recoveryMs === null ? '' : `, at work again after ${inSeconds(recoveryMs)}`;
  return `${failure === null ? 'passed' : 'FAILED'}: ${name} (${seconds.toFixed(1)} s${recovery})`;
}

export function formatMatrix(all: readonly Played[]): string {
  const rows = [
    HEAD,
    ...all.map(({ name, failure, run, recoveryMs, restarts, seconds }) => [
      name,
      failure === null ? 'passed' : 'FAILED',
      run ?? '-',
      recoveryMs === null ? '-' : inSeconds(recoveryMs),
      String(restarts),
      seconds.toFixed(1),
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}

/** As docs/guarantees.md shows it. */
export function formatMarkdown(all: readonly Played[]): string {
  const rows = all.map(({ name, failure, run, recoveryMs, seconds }) => [
    name,
    failure === null ? 'passed' : '**failed**',
    run ?? '-',
    recoveryMs === null ? '-' : inSeconds(recoveryMs),
    `${seconds.toFixed(1)} s`,
  ]);
  return [['case', 'result', 'run', 'recovery', 'took'], Array<string>(5).fill('---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

export function formatTotals(all: readonly Played[]): string {
  const failed = all.filter(({ failure }) => failure !== null).length;
  const recoveries = all.flatMap(({ recoveryMs }) => (recoveryMs === null ? [] : [recoveryMs]));
  const sorted = [...recoveries].sort((a, b) => a - b);
  const worst = sorted.at(-1);
  const middle = sorted[sorted.length >>> 1];
  const recovery =
    worst === undefined || middle === undefined
      ? ''
      : `; at work again after ${inSeconds(middle)} in the middle, ${inSeconds(worst)} at worst`;
  const minutes = all.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  return `${all.length - failed} passed, ${failed} failed in ${minutes.toFixed(1)} min${recovery}`;
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
