import { formatTable } from '../start/summary.js';
import type { ActFigures } from './acts.js';

const SERVICES = ['coordinator', 'fetcher', 'reconciler', 'persister'];
const SERVERS = ['kafka', 'redis', 'postgres'];

/** The sandbox stands for somebody else's machine: shown, but not in the sum. */
const SUMMED = [...SERVICES, ...SERVERS];

export function togetherOf({ parts }: ActFigures): number {
  const sum = SUMMED.reduce((total, part) => total + (parts[part]?.cpuSecondsPerMillion ?? 0), 0);
  return Math.round(sum * 10) / 10;
}

export function formatFigures(acts: readonly ActFigures[]): string {
  const names = acts.map(({ act }) => act);
  const speed = [
    ['', ...names],
    ['records', ...acts.map(({ records }) => String(records))],
    ['changes', ...acts.map(({ changes }) => String(changes))],
    ['seconds', ...acts.map(({ seconds }) => seconds.toFixed(1))],
    ['records/s', ...acts.map(({ recordsPerSecond }) => String(recordsPerSecond))],
    ['CPU gone elsewhere, %', ...acts.map(({ percentElsewhere }) => String(percentElsewhere))],
    ['Postgres WAL, MB', ...acts.map(({ walBytes }) => (walBytes / 1e6).toFixed(1))],
  ];
  const rowsOf = (figure: 'cpuSecondsPerMillion' | 'peakMegabytes'): string[][] =>
    [...SUMMED, 'sandbox'].map((part) => [
      part,
      ...acts.map(
        ({ parts }) => parts[part]?.[figure].toFixed(figure === 'peakMegabytes' ? 0 : 1) ?? 'not seen',
      ),
    ]);
  const cpu = [
    ['', ...names],
    ...rowsOf('cpuSecondsPerMillion'),
    ['together, without sandbox', ...acts.map((act) => togetherOf(act).toFixed(1))],
  ];
  return [
    formatTable(speed),
    `CPU seconds per million records\n${formatTable(cpu)}`,
    `Peak memory of the largest process, MB\n${formatTable([['', ...names], ...rowsOf('peakMegabytes')])}`,
  ].join('\n\n');
}
