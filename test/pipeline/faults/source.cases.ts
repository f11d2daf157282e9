/** The source at fault at the same time. */
import type { FaultCase } from './fault-case.js';

type Source = NonNullable<FaultCase['source']>;

function besides(what: string, source: Source, fault: Omit<FaultCase, 'name' | 'source'>): FaultCase {
  const { service, instant } = fault.at;
  const done = fault.strike.kind === 'kill' ? 'killed' : 'stopped and woken';
  return { name: `${what}, and the ${service} ${done} at ${instant}`, source, ...fault };
}

const KILL = { kind: 'kill' } as const;

export const SOURCE_CASES: readonly FaultCase[] = [
  besides('answers of the source break off', [{ kind: 'reset', entityType: 'users', times: 2 }], {
    at: { service: 'fetcher', instant: 'after-end' },
    strike: KILL,
    expects: { run: 'is followed' },
  }),
  besides('the source is overloaded', [{ kind: 'status', status: 503, entityType: 'orgs', times: 2 }], {
    at: { service: 'reconciler', instant: 'after-emit' },
    strike: KILL,
    expects: { run: 'goes on' },
    inTests: true,
  }),
  besides(
    'pages come short and without totals',
    [{ kind: 'clamped-limit', limit: 20 }, { kind: 'no-totals' }],
    {
      at: { service: 'coordinator', instant: 'after-sweep' },
      strike: KILL,
      expects: { run: 'goes on' },
    },
  ),
  besides('the source sends a proxy’s page', [{ kind: 'html-200', entityType: 'courses', times: 1 }], {
    at: { service: 'coordinator', instant: 'after-aborted' },
    strike: KILL,
    expects: { run: 'is followed' },
  }),
  besides('the source answers slowly', [{ kind: 'slow', entityType: 'users', delayMs: 1_500 }], {
    at: { service: 'reconciler', instant: 'before-report' },
    strike: { kind: 'freeze' },
  }),
];
