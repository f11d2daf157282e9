import type { DeadLetterFields, EntityType, ReportOf } from '#contracts';
import type { FoldedChanges } from './fold-changes.js';

/** The rows. In production schema `roster` in Postgres, in simulations memory. */
export interface RosterStore {
  /**
   * One transaction: records, then archives, each only where its generation is above the stored one. Gives the number
   * of rows written. Throws RefusedRowsError if the contents of a row cannot be stored; anything else is transient.
   */
  write(entityType: EntityType, partition: number, changes: FoldedChanges): Promise<number>;
}

/** What the persister says to others; resolves when it is acknowledged. */
export interface Outlet {
  report(reports: readonly ReportOf<'passed'>[]): Promise<void>;
  deadLetter(letters: readonly DeadLetterFields[]): Promise<void>;
}

/** The store cannot hold what some row of the statement says, however often it is tried. */
export class RefusedRowsError extends Error {
  override readonly name = 'RefusedRowsError';
}
