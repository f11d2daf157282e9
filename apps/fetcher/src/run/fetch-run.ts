/*
 * One claimed run, to its outcome. A failure is noted in the ledger first and then reported; a lost lease is neither,
 * because the run is no longer ours. A bug is noted like a failure and then thrown on.
 */
import { CsvBundleError } from '#csv-bundle';
import { isLogError } from '#kafka';
import { isTransientLedgerError, type ClaimedRun, type Reading, type ReadRetry } from '#ledger';
import { SchoolPassportError, SchoolPassportSettingsError, type Quirks } from '#school-passport';
import { failpoint } from '#service';
import { Lease, type LeaseTimes } from './lease.js';
import type { Ports } from '../ports.js';
import { readSnapshot } from '../snapshot/read-snapshot.js';
import { LeaseLostError, SnapshotError } from '../snapshot/snapshot.errors.js';

export interface FetchSettings extends LeaseTimes {
  readonly owner: string;
  readonly partitions: number;
}

export type RunOutcome =
  | { readonly kind: 'read'; readonly reading: Reading }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly retry: ReadRetry;
      readonly quirks: readonly string[];
    }
  | { readonly kind: 'lost' };

export class RunFetch {
  private readonly lease: Lease;
  /** What the source needed so far. */
  private readonly noticed: Quirks = new Set();

  /** `claimedAt`: the clock's time when the claim was asked for. */
  constructor(
    private readonly run: ClaimedRun,
    private readonly ports: Ports,
    private readonly settings: FetchSettings,
    claimedAt: number,
  ) {
    this.lease = new Lease(run, settings.owner, ports.ledger, ports.clock, settings, claimedAt);
  }

  /** Ends the pull as failed; the coordinator opens another. */
  stop(): void {
    this.lease.stop(new SnapshotError('the fetcher was stopped', 'own'));
  }

  async fetch(): Promise<RunOutcome> {
    this.lease.start();
    try {
      return await this.read();
    } catch (error) {
      return await this.giveUp(this.lease.signal.aborted ? this.lease.signal.reason : error);
    } finally {
      this.lease.end();
    }
  }

  private async read(): Promise<RunOutcome> {
    const { run, ports, settings, noticed } = this;
    const reading = await readSnapshot(run, ports, this.lease, settings.partitions, noticed);
    failpoint('fetcher.before-proof');
    if (!(await this.finish(reading))) return { kind: 'lost' };
    failpoint('fetcher.after-proof');
    const { districtId, generation } = run;
    await ports.log.report({ kind: 'read', districtId, generation });
    failpoint('fetcher.after-report');
    return { kind: 'read', reading };
  }

  private async finish(reading: Reading): Promise<boolean> {
    const { run, ports, settings } = this;
    const finish = (): Promise<boolean> => ports.ledger.finish(run, settings.owner, reading);
    try {
      return await finish();
    } catch (error) {
      return await this.lease.askAgain(error, finish);
    }
  }

  private async giveUp(error: unknown): Promise<RunOutcome> {
    if (error instanceof LeaseLostError) return { kind: 'lost' };
    const { run, ports, settings } = this;
    const { reason, retry } = explain(error);
    const quirks = [...this.noticed].sort();
    failpoint('fetcher.before-fail');
    const isOurs = await ports.ledger.fail(run, settings.owner, reason, retry, quirks);
    failpoint('fetcher.after-fail');
    if (isOurs) {
      const { districtId, generation } = run;
      await ports.log.report({ kind: 'read-failed', districtId, generation, reason });
    }
    if (isBug(error)) throw error;
    return isOurs ? { kind: 'failed', reason, retry, quirks } : { kind: 'lost' };
  }
}

/**
 * Only messages of our own errors are repeated: others may quote what they met. A refusal is tried again like any other
 * failure: a source in maintenance refuses everybody for minutes, and the district's next hour is a day away.
 */
function explain(error: unknown): { reason: string; retry: ReadRetry } {
  if (error instanceof SnapshotError) return { reason: error.message, retry: error.retry };
  if (
    error instanceof SchoolPassportError ||
    error instanceof SchoolPassportSettingsError ||
    error instanceof CsvBundleError
  )
    return { reason: error.message, retry: 'source' };
  const isOurs = isTransientLedgerError(error) || isLogError(error);
  const reason = error instanceof Error ? `it failed with ${error.name}` : 'it failed';
  return { reason, retry: isOurs ? 'own' : 'source' };
}

function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
}
