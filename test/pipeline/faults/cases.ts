/** The fault matrix; the last case ends its namespace. */
import { CLOCK_CASES } from './clock.cases.js';
import type { FaultCase } from './fault-case.js';
import { KILL_CASES } from './kill.cases.js';
import { PAUSE_CASES } from './pause.cases.js';
import { SOURCE_CASES } from './source.cases.js';
import { STORE_CASES } from './store.cases.js';

export const CASES: readonly FaultCase[] = [
  ...KILL_CASES,
  ...PAUSE_CASES,
  ...CLOCK_CASES,
  ...SOURCE_CASES,
  ...STORE_CASES,
];
