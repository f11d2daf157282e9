/* The fetcher's own reading of one run, with a ledger that always agrees: from pages to the acknowledged raw log. */
import type { LogPublisher } from '#kafka';
import type { Ledger, Source } from '../../apps/fetcher/src/ports.js';
import { RawRecordPublisher } from '../../apps/fetcher/src/raw-record.publisher.js';
import { RunFetch } from '../../apps/fetcher/src/run/fetch-run.js';
import { SystemClock } from '../../apps/fetcher/src/system.clock.js';
import { cpuMicroseconds } from './stages.js';

export interface ActFigures {
  readonly records: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  readonly cpuMicrosecondsPerRecord: number;
  readonly peakMegabytes: number;
}

const ledger: Ledger = {
  claim: () => Promise.resolve(null),
  renew: () => Promise.resolve(true),
  finish: () => Promise.resolve(true),
  fail: () => Promise.resolve(true),
  lastReferences: () => Promise.resolve(null),
  knownVersions: () => Promise.resolve({ last: null, confirmed: null }),
  erased: () => Promise.resolve(new Set()),
};
const readOne = () => Promise.reject(new Error('no single record is asked for'));
const LOOK_EVERY_MS = 50;
const MEGABYTE = 1024 * 1024;

export async function measureFetch(
  source: Pick<Source, 'find' | 'pages'>,
  publisher: LogPublisher,
  {
    namespace,
    partitions,
    districtId,
    generation,
  }: {
    readonly namespace: string;
    readonly partitions: number;
    readonly districtId: string;
    readonly generation: number;
  },
): Promise<ActFigures> {
  const clock = new SystemClock();
  const log = new RawRecordPublisher(publisher, namespace);
  const run = {
    ...{ districtId, generation, openedAt: clock.timestamp(), refresh: [], attempt: 1, dryRun: false },
    ...{ allow: null, maskedBefore: null },
  };
  const settings = { owner: 'bench', partitions, leaseMs: 600_000, renewMs: 300_000 };
  globalThis.gc?.();
  let peakBytes = process.memoryUsage.rss();
  const watch = setInterval(
    () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())),
    LOOK_EVERY_MS,
  );
  const before = process.cpuUsage();
  const startedAt = performance.now();
  try {
    const outcome = await new RunFetch(
      run,
      { ledger, log, source: { ...source, readOne }, clock },
      settings,
      clock.elapsedMs(),
    ).fetch();
    if (outcome.kind !== 'read') {
      throw new Error(
        `the fetch ended as ${outcome.kind}${outcome.kind === 'failed' ? `: ${outcome.reason}` : ''}`,
      );
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const records = Object.values(outcome.reading.rows).reduce((sum, rows) => sum + rows, 0);
    return {
      records,
      seconds,
      recordsPerSecond: Math.round(records / seconds),
      cpuMicrosecondsPerRecord: cpuMicroseconds(before) / records,
      peakMegabytes: Math.round(peakBytes / MEGABYTE),
    };
  } finally {
    clearInterval(watch);
  }
}
