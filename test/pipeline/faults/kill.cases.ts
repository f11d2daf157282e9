/** kill -9 at each named instant of each service, both sides of everything that anybody else can see. */
import type { ServiceName } from '../support/ground.js';
import { loseAPosition, loseARow, recreateRawLog, spoilAChangeTopic, unshareASchool } from './acts.js';
import { approve, reject } from './decisions.js';
import type { Expectations, FaultCase } from './fault-case.js';

interface More extends Omit<FaultCase, 'name' | 'at' | 'strike'> {
  readonly hit?: number;
  /** What tells it from the case of the same instant. */
  readonly where?: string;
}

const IN_TESTS = { inTests: true } as const;
const GOES_ON: Expectations = { run: 'goes on' };
const IS_FOLLOWED: Expectations = { run: 'is followed' };
const REBUILT: More = { before: loseAPosition, expects: { says: 'rebuilt' } };
/** Its position is above the end of the new log: taken away before the rebuild. */
const MADE_ANEW: More = {
  where: 'its raw log made anew',
  provokes: recreateRawLog,
  expects: { says: 'rebuilt', ends: true },
};
const DRIFTED: More = { before: loseARow, expects: { drift: true } };
const SPOILT: More = { provokes: spoilAChangeTopic };
const HELD: More = { before: unshareASchool, decides: approve };

function killed(service: ServiceName, instant: string, { hit = 1, where, ...more }: More = {}): FaultCase {
  const which = `${hit === 1 ? '' : `, hit ${hit}`}${where === undefined ? '' : `, ${where}`}`;
  const name = `the ${service} killed at ${instant}${which}`;
  return { name, at: { service, instant, hit }, strike: { kind: 'kill' }, ...more };
}

const FETCHER: readonly FaultCase[] = [
  ...['after-claim', 'before-begin', 'after-begin', 'before-end', 'after-end', 'before-proof'].map(
    (instant) => killed('fetcher', instant, { expects: IS_FOLLOWED }),
  ),
  killed('fetcher', 'mid-records', { expects: IS_FOLLOWED, ...IN_TESTS }),
  killed('fetcher', 'after-proof', { expects: GOES_ON }),
  ...['after-report', 'before-confirm', 'after-confirm'].map((instant) =>
    killed('fetcher', instant, { expects: GOES_ON }),
  ),
  ...['before-fail', 'after-fail'].map((instant) =>
    killed('fetcher', instant, {
      source: [{ kind: 'unknown-shape', entityType: 'classes', times: 1 }],
      expects: IS_FOLLOWED,
    }),
  ),
];

const RECONCILER: readonly FaultCase[] = [
  ...[
    ...['before-plan', 'after-plan', 'before-report', 'after-report', 'before-commit', 'before-emit'],
    ...['after-slice', 'after-applied', 'after-worklists', 'before-archive', 'after-archived', 'after-swept'],
    ...['before-watermarks', 'after-watermarks'],
  ].map((instant) => killed('reconciler', instant, { expects: GOES_ON })),
  killed('reconciler', 'after-emit', { expects: GOES_ON, ...IN_TESTS }),
  killed('reconciler', 'after-archive', { expects: GOES_ON }),
  killed('reconciler', 'after-watermarks', { hit: 2 }),
  ...['before-raw-fence', 'after-raw-fence', 'after-rebuilding', 'after-load'].map((instant) =>
    killed('reconciler', instant, REBUILT),
  ),
  killed('reconciler', 'after-change-fence', { ...REBUILT, hit: 3, ...IN_TESTS }),
  ...['before-install', 'after-install'].map((instant) => killed('reconciler', instant, REBUILT)),
  ...['before-retire', 'after-retire', 'after-raw-fence'].map((instant) =>
    killed('reconciler', instant, MADE_ANEW),
  ),
  killed('reconciler', 'after-change-fence', { ...MADE_ANEW, hit: 3 }),
];

const PERSISTER: readonly FaultCase[] = [
  ...[
    'before-store',
    'before-rows-commit',
    'before-commit',
    'after-commit',
    'before-report',
    'after-report',
  ].map((instant) => killed('persister', instant, { expects: GOES_ON })),
  killed('persister', 'after-store', { expects: GOES_ON, ...IN_TESTS }),
  killed('persister', 'after-report', { hit: 3, expects: GOES_ON }),
  killed('persister', 'before-seek', DRIFTED),
  killed('persister', 'after-seek', DRIFTED),
  ...['before-dead-letter', 'after-dead-letter'].map((instant) => killed('persister', instant, SPOILT)),
  ...['before-letters-store', 'after-letters-store', 'after-letters-commit'].map((instant) =>
    killed('persister', instant, SPOILT),
  ),
];

const COORDINATOR: readonly FaultCase[] = [
  ...['before-ask', 'after-ask', 'before-opened', 'after-opened'].map((instant) =>
    killed('coordinator', instant),
  ),
  ...['before-planned', 'after-planned', 'before-applying', 'before-apply', 'after-apply'].map((instant) =>
    killed('coordinator', instant, { expects: GOES_ON }),
  ),
  ...['before-confirming', 'after-confirming', 'after-applying'].map((instant) =>
    killed('coordinator', instant, { expects: GOES_ON }),
  ),
  ...['before-sweeping', 'after-sweeping', 'before-sweep', 'before-completed', 'after-completed'].map(
    (instant) => killed('coordinator', instant, { expects: GOES_ON }),
  ),
  killed('coordinator', 'after-sweep', { expects: GOES_ON, ...IN_TESTS }),
  ...['before-events', 'after-events'].map((instant) => killed('coordinator', instant, { expects: GOES_ON })),
  ...['before-report-record', 'before-report-commit', 'after-report-commit'].map((instant) =>
    killed('coordinator', instant),
  ),
  killed('coordinator', 'before-held', HELD),
  killed('coordinator', 'after-held', HELD),
  killed('coordinator', 'before-approved', HELD),
  killed('coordinator', 'after-approved', { ...HELD, expects: GOES_ON, ...IN_TESTS }),
  killed('coordinator', 'before-rejected', { ...HELD, decides: reject, expects: IS_FOLLOWED }),
  killed('coordinator', 'after-rejected', { ...HELD, decides: reject, expects: IS_FOLLOWED }),
  ...['before-aborted', 'after-aborted', 'before-abort', 'after-abort'].map((instant) =>
    killed('coordinator', instant, {
      source: [{ kind: 'unknown-shape', entityType: 'classes', times: 1 }],
      expects: IS_FOLLOWED,
    }),
  ),
];

export const KILL_CASES: readonly FaultCase[] = [...FETCHER, ...RECONCILER, ...PERSISTER, ...COORDINATOR];
