/** Services that stand still and wake as zombies, end in numbers, or are replaced under way. */
import type { ServiceName } from '../support/ground.js';
import { comeAndGo, restartAllInTurn } from './acts.js';
import type { FaultCase, Strike } from './fault-case.js';

const SLOW_SOURCE = [{ kind: 'slow', delayMs: 1_500 }] as const;

function frozen(service: ServiceName, instant: string, inTests?: 'in tests'): FaultCase {
  return {
    name: `the ${service} stopped at ${instant} beyond its time and woken after the run`,
    at: { service, instant },
    strike: { kind: 'freeze' },
    expects: { run: service === 'fetcher' ? 'is followed' : 'goes on' },
    ...(inTests === undefined ? {} : { inTests: true as const }),
  };
}

function together(
  service: ServiceName,
  instant: string,
  others: 'of the service' | 'of all services',
): FaultCase {
  const who =
    others === 'of the service' ? `both instances of the ${service}` : 'all instances of all services';
  const strike: Strike = { kind: 'kill-also', others };
  return { name: `${who} killed at ${instant} of the ${service}`, at: { service, instant }, strike };
}

export const PAUSE_CASES: readonly FaultCase[] = [
  frozen('fetcher', 'mid-records'),
  frozen('fetcher', 'before-end', 'in tests'),
  frozen('reconciler', 'before-plan'),
  frozen('reconciler', 'before-emit', 'in tests'),
  frozen('reconciler', 'before-archive'),
  frozen('reconciler', 'before-watermarks'),
  frozen('persister', 'before-store'),
  frozen('persister', 'before-rows-commit', 'in tests'),
  frozen('persister', 'before-commit'),
  frozen('coordinator', 'before-apply', 'in tests'),
  frozen('coordinator', 'before-sweeping'),
  frozen('coordinator', 'before-report-commit'),
  together('fetcher', 'mid-records', 'of the service'),
  together('reconciler', 'after-emit', 'of the service'),
  together('persister', 'after-store', 'of the service'),
  together('coordinator', 'after-sweeping', 'of the service'),
  together('reconciler', 'after-archive', 'of all services'),
  {
    name: 'all services restarted one by one while a run is under way',
    at: { service: 'fetcher', instant: 'after-begin' },
    strike: { kind: 'act', act: restartAllInTurn },
    source: SLOW_SOURCE,
    expects: { run: 'is followed' },
  },
  {
    name: 'a third instance of each service comes and goes while a run is under way',
    at: { service: 'fetcher', instant: 'after-begin' },
    strike: { kind: 'act', act: comeAndGo },
    source: SLOW_SOURCE,
  },
];
