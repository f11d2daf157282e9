/** The fault matrix. */
import type { FaultCase } from './fault-case.js';
import { KILL_CASES } from './kill.cases.js';

export const CASES: readonly FaultCase[] = [...KILL_CASES];
