/** Wall clocks of hosts that are set while a run is under way, further than anything is kept. */
import { SERVICES, type ServiceName } from '../support/ground.js';
import type { Act, FaultCase } from './fault-case.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const AHEAD = { words: 'ten days ahead', offsetMs: 10 * DAY_MS } as const;
const BEHIND = { words: 'ten days back', offsetMs: -10 * DAY_MS } as const;

function jump(offsetMs: number): Act {
  return async ({ clocks }, _districtId, struck) => {
    clocks.set(struck, offsetMs);
    struck.signal('SIGCONT');
    await clocks.obeyed();
  };
}

/** One instance of each service is days from the others, the one ahead, the other behind. */
const scatter: Act = async ({ clocks, instances }, _districtId, struck) => {
  for (const [at, service] of SERVICES.entries()) {
    const [one, other] = instances.of(service);
    if (one === undefined || other === undefined) throw new Error(`there are no two of the ${service}`);
    clocks.set(one, (at + 1) * DAY_MS);
    clocks.set(other, -(at + 1) * DAY_MS);
  }
  struck.signal('SIGCONT');
  await clocks.obeyed();
};

function jumps(service: ServiceName, instant: string, to: typeof AHEAD | typeof BEHIND): FaultCase {
  return {
    name: `the clock of the ${service} jumps ${to.words} at ${instant}`,
    at: { service, instant },
    strike: { kind: 'act', act: jump(to.offsetMs) },
    expects: { run: 'goes on' },
  };
}

export const CLOCK_CASES: readonly FaultCase[] = [
  jumps('fetcher', 'after-begin', AHEAD),
  jumps('fetcher', 'after-begin', BEHIND),
  jumps('coordinator', 'before-applying', BEHIND),
  jumps('coordinator', 'before-sweeping', AHEAD),
  { ...jumps('reconciler', 'before-emit', AHEAD), inTests: true },
  jumps('reconciler', 'before-emit', BEHIND),
  jumps('persister', 'before-store', AHEAD),
  jumps('persister', 'before-store', BEHIND),
  {
    name: 'the clocks of all instances jump days apart while applying',
    at: { service: 'reconciler', instant: 'before-emit' },
    strike: { kind: 'act', act: scatter },
    expects: { run: 'goes on' },
  },
];
