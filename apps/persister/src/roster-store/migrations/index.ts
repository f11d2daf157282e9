import { CLEARED_LETTERS } from './cleared-letters.js';
import { DEAD_LETTERS } from './dead-letters.js';
import { DEFINITION_VERSIONS } from './definition-versions.js';
import { ERASED } from './erased.js';
import { FENCES } from './fences.js';
import { HISTORY } from './history.js';
import { DANGLING_REFERENCES, JOINS } from './joins.js';
import { FULL_NAMES, NAMES } from './names.js';
import { FIXED_SEARCH_PATH, ROW_SECURITY } from './row-security.js';
import { SUPPRESSIONS } from './suppressions.js';
import { TABLES } from './tables.js';
import { TOMBSTONES } from './tombstones.js';
import { WATERMARK_OFFSETS } from './watermark-offsets.js';
import { WATERMARKS } from './watermarks.js';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: string;
}

/**
 * Bring schema `roster` from nothing to this version, in order; never changed once released. They only add, because
 * services of the version before go on while they are applied and after.
 */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'tables', statements: TABLES },
  { version: 2, name: 'dead letters', statements: DEAD_LETTERS },
  { version: 3, name: 'names', statements: NAMES },
  { version: 4, name: 'fences', statements: FENCES },
  { version: 5, name: 'joins', statements: JOINS },
  { version: 6, name: 'dangling references', statements: DANGLING_REFERENCES },
  { version: 7, name: 'history', statements: HISTORY },
  { version: 8, name: 'watermarks', statements: WATERMARKS },
  { version: 9, name: 'cleared letters', statements: CLEARED_LETTERS },
  { version: 10, name: 'suppressions', statements: SUPPRESSIONS },
  { version: 11, name: 'row security', statements: ROW_SECURITY },
  { version: 12, name: 'tombstones', statements: TOMBSTONES },
  { version: 13, name: 'erased', statements: ERASED },
  { version: 14, name: 'full names', statements: FULL_NAMES },
  { version: 15, name: 'fixed search path', statements: FIXED_SEARCH_PATH },
  { version: 16, name: 'watermark offsets', statements: WATERMARK_OFFSETS },
  { version: 17, name: 'definition versions', statements: DEFINITION_VERSIONS },
];
