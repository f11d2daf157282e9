/** kill -9 at each named instant of each service. */
import type { ServiceName } from '../support/ground.js';
import type { FaultCase } from './fault-case.js';

/** The instant, at which hit of it, what then comes of the run, and whether `npm test` has it. */
type Kill = readonly [string, number, NonNullable<FaultCase['expects']>['run'], 'in tests'?];

const KILLS: Readonly<Record<ServiceName, readonly Kill[]>> = {
  fetcher: [['mid-records', 1, 'is followed', 'in tests']],
  reconciler: [['after-emit', 1, 'goes on', 'in tests']],
  persister: [['after-store', 1, 'goes on', 'in tests']],
  coordinator: [],
};

export const KILL_CASES: readonly FaultCase[] = (
  Object.entries(KILLS) as [ServiceName, readonly Kill[]][]
).flatMap(([service, kills]) =>
  kills.map(([instant, hit, run, inTests]) => ({
    name: `the ${service} killed at ${instant}${hit === 1 ? '' : ` (hit ${hit})`}`,
    at: { service, instant, hit },
    strike: { kind: 'kill' } as const,
    ...(inTests === undefined ? {} : { inTests: true as const }),
    expects: run === undefined ? {} : { run },
  })),
);
