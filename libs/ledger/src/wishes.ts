export type RunCause = 'scheduled' | 'newer' | 'asked' | 'retry' | 'refresh';
/** `at-once`: two further tries without a pause; `scheduled`: after growing pauses. */
export type Retries = 'at-once' | 'scheduled';
/** `sweep`: nothing is archived; `everything`: nothing is applied. */
export type Hold = 'sweep' | 'everything';

/** A run that is wanted and not opened yet; a district has at most one. `dueAt`: milliseconds. */
export interface Wish {
  readonly districtId: string;
  readonly cause: RunCause;
  readonly dryRun: boolean;
  readonly retries: Retries;
  readonly attempt: number;
  readonly failures: number;
  readonly dueAt: number;
}
