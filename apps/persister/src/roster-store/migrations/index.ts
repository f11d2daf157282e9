import { DEAD_LETTERS } from './dead-letters.js';
import { FENCES } from './fences.js';
import { NAMES } from './names.js';
import { TABLES } from './tables.js';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: string;
}

/** Bring schema `roster` from nothing to this version, in order; never changed once released. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'tables', statements: TABLES },
  { version: 2, name: 'dead letters', statements: DEAD_LETTERS },
  { version: 3, name: 'names', statements: NAMES },
  { version: 4, name: 'fences', statements: FENCES },
];
