/** Redis, Kafka and Postgres lose, forget, refuse and restart in the middle of a run. */
import {
  cutConnections,
  keptIndex,
  keptIndexInNewLog,
  loseAPosition,
  loseARow,
  loseTheEntries,
  loseTheFirstMarks,
  loseTheIndex,
  loseTheMarks,
  loseWhoIsActive,
  recreateRawLog,
  recreateReports,
  recreateUsers,
  truncateRawLog,
} from './acts.js';
import type { Act, Expectations, FaultCase } from './fault-case.js';
import { fillPostgres, fillRedis, fillRedisDisk, refuseWrites } from './refusal.acts.js';
import { flushRedis, olderRedisFile, restart } from './server.acts.js';
import type { Instant } from './trap.js';

const PLANNING: Instant = { service: 'reconciler', instant: 'before-plan' };
const APPLYING: Instant = { service: 'reconciler', instant: 'before-emit' };
const APPLIED: Instant = { service: 'reconciler', instant: 'after-slice' };
const SWEEPING: Instant = { service: 'reconciler', instant: 'before-archive' };
const READING: Instant = { service: 'fetcher', instant: 'mid-records' };
const READ: Instant = { service: 'fetcher', instant: 'before-end' };
const STORING: Instant = { service: 'persister', instant: 'before-store' };
const DECIDING: Instant = { service: 'coordinator', instant: 'before-sweeping' };

const REBUILT: Expectations = { says: 'rebuilt' };
const OWN = { ownServers: true } as const;
const IN_TESTS = { inTests: true } as const;

type More = Omit<FaultCase, 'name' | 'at' | 'strike'>;

function stricken(name: string, at: Instant, act: Act, more: More = {}): FaultCase {
  return { name, at, strike: { kind: 'act', act }, ...more };
}

function rolledBack(name: string, at: Instant, more: More = {}): FaultCase {
  const { keep, bringBack } = keptIndex();
  return stricken(name, at, bringBack, { before: keep, ...more });
}

function rolledBackInNewLog(name: string, at: Instant, more: More = {}): FaultCase {
  const { keep, bringBack } = keptIndexInNewLog();
  const expects = { says: 'rebuilding', because: 'does not hold its fence', ends: true } as const;
  return stricken(name, at, bringBack, { before: keep, expects, ...more });
}

function older(name: string, at: Instant): FaultCase {
  const { keep, bringBack } = olderRedisFile();
  return stricken(name, at, bringBack, { before: keep, ...OWN, expects: { ends: true } });
}

const REDIS: readonly FaultCase[] = [
  stricken('Redis loses one position while planning', PLANNING, loseAPosition, { expects: REBUILT }),
  stricken('Redis loses one position while applying', APPLYING, loseAPosition, { expects: REBUILT }),
  stricken('Redis loses one position while sweeping', SWEEPING, loseAPosition, { expects: REBUILT }),
  stricken('Redis loses the whole index while planning', PLANNING, loseTheIndex, { expects: REBUILT }),
  stricken('Redis loses the whole index while applying', APPLYING, loseTheIndex, { expects: REBUILT }),
  stricken('Redis loses the whole index while sweeping', SWEEPING, loseTheIndex, {
    expects: REBUILT,
    ...IN_TESTS,
  }),
  stricken('Redis loses what was seen, before all is read', READ, loseTheFirstMarks, {
    expects: { run: 'is followed' },
    ...IN_TESTS,
  }),
  stricken('Redis loses what is known of each record while sweeping', SWEEPING, loseTheEntries, {
    expects: REBUILT,
    ...IN_TESTS,
  }),
  stricken('Redis loses what was seen, between plan and sweep', DECIDING, loseTheMarks, {
    expects: { run: 'is followed' },
    ...IN_TESTS,
  }),
  stricken('Redis loses who is active, while applying', APPLYING, loseWhoIsActive, { expects: REBUILT }),
  rolledBack('Redis is set back to before the run while planning', PLANNING),
  rolledBack('Redis is set back to before the run while applying', APPLYING, IN_TESTS),
  rolledBack('Redis is set back to before the run while sweeping', SWEEPING),
  stricken('Redis is flushed while applying', APPLYING, flushRedis, { ...OWN, expects: REBUILT }),
  stricken('Redis restarts while applying', APPLYING, restart('redis'), { ...OWN, expects: { ends: true } }),
  older('Redis comes back with an older file while applying', APPLYING),
  older('Redis comes back with an older file while sweeping', SWEEPING),
  stricken('Redis is full while planning', PLANNING, fillRedis, { ...OWN, expects: { ends: true } }),
  stricken('Redis is full while applying', APPLYING, fillRedis, { ...OWN, expects: { ends: true } }),
  stricken('the disk of Redis is full while applying', APPLYING, fillRedisDisk, {
    ...OWN,
    expects: { ends: true },
  }),
];

const POSTGRES: readonly FaultCase[] = [
  stricken('all connections to Postgres are cut while storing', STORING, cutConnections, {
    expects: { ends: true },
    ...IN_TESTS,
  }),
  stricken('all connections to Postgres are cut while reading', READING, cutConnections, {
    expects: { ends: true },
  }),
  stricken('all connections to Postgres are cut while deciding', DECIDING, cutConnections, {
    expects: { ends: true },
  }),
  stricken('Postgres is read-only while storing', STORING, refuseWrites, { ...OWN, expects: { ends: true } }),
  stricken('Postgres is read-only while deciding', DECIDING, refuseWrites, {
    ...OWN,
    expects: { ends: true },
  }),
  stricken('the disk of Postgres is full while storing', STORING, fillPostgres('roster.*'), {
    expects: { ends: true },
  }),
  stricken('the disk of Postgres is full while deciding', DECIDING, fillPostgres('ledger.runs'), {
    expects: { ends: true },
    ...IN_TESTS,
  }),
  stricken('Postgres restarts while storing', STORING, restart('postgres'), {
    ...OWN,
    expects: { ends: true },
  }),
  stricken('Postgres restarts while deciding', DECIDING, restart('postgres'), {
    ...OWN,
    expects: { ends: true },
  }),
  stricken('Postgres loses a row while storing', STORING, loseARow, { expects: { drift: true } }),
];

const KAFKA: readonly FaultCase[] = [
  stricken('Kafka restarts while reading', READING, restart('kafka'), { ...OWN, expects: { ends: true } }),
  stricken('Kafka restarts while applying', APPLYING, restart('kafka'), { ...OWN, expects: { ends: true } }),
  stricken('Kafka restarts while storing', STORING, restart('kafka'), { ...OWN, expects: { ends: true } }),
  stricken('the raw log is cut below the position while planning', PLANNING, truncateRawLog, IN_TESTS),
  stricken('the raw log is cut below the position while applying', APPLYING, truncateRawLog),
  stricken('the raw log is made anew while planning', PLANNING, recreateRawLog, { expects: { ends: true } }),
  rolledBackInNewLog('the raw log is made anew and Redis is set back, while applying', APPLIED),
  stricken('the reports are made anew while applying', APPLYING, recreateReports, {
    expects: { ends: true },
  }),
];

/** Nothing goes on after it in this namespace: the last of all. */
const LAST: FaultCase = stricken(
  'a change topic is made anew, which an operator must judge',
  STORING,
  recreateUsers,
  {
    inTests: true,
    expects: { ends: true, stops: 'this is not the topic that was read before' },
  },
);

export const STORE_CASES: readonly FaultCase[] = [...REDIS, ...POSTGRES, ...KAFKA, LAST];
