/*
 * Point 6 of the proof for one claimed run: its absent records are asked for (those erased are to be gone whatever the
 * source says), and what was found is noted. Answers that say nothing end neither asking nor run; only a source that
 * refuses the district itself does. Nothing is half done by asking, so whoever stops or loses its lease leaves the run
 * to the next claim.
 */
import type { ClaimedConfirmation, Confirmation, ReadRetry } from '#ledger';
import type { EntityType, PerType } from '#contracts';
import { readRecord } from '#oneroster';
import { SchoolPassportError, SchoolPassportSettingsError, type DistrictSource } from '#school-passport';
import { failpoint } from '#service';
import type { ConfirmPorts, SingleAnswer } from '../ports.js';
import { Lease, type LeaseTimes } from '../run/lease.js';
import { requireVersionRead } from '../snapshot/id-space.js';
import { LeaseLostError, SnapshotError } from '../snapshot/snapshot.errors.js';
import { ErasedRecords } from '../snapshot/erased-records.js';
import { askAbsent, type TypeFound } from './ask-absent.js';
import { confirmationOf, unaskedConfirmation } from './confirmation.js';

/** Longest time for all records of a run. */
const ASKS_FOR_MS = 240_000;

export interface ConfirmSettings extends LeaseTimes {
  readonly owner: string;
}

export type ConfirmOutcome =
  | { readonly kind: 'confirmed'; readonly confirmation: Confirmation; readonly found: PerType<TypeFound> }
  | { readonly kind: 'failed'; readonly reason: string; readonly retry: ReadRetry }
  | { readonly kind: 'lost' };

class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export class RunConfirmation {
  private readonly lease: Lease;

  /** `claimedAt`: the clock's time when the claim was asked for. */
  constructor(
    private readonly run: ClaimedConfirmation,
    private readonly ports: ConfirmPorts,
    private readonly settings: ConfirmSettings,
    private readonly claimedAt: number,
  ) {
    this.lease = new Lease(run, settings.owner, ports.ledger, ports.clock, settings, claimedAt);
  }

  /** Leaves the run to another fetcher. */
  stop(): void {
    this.lease.stop(new StoppedError('the fetcher was stopped'));
  }

  async confirm(): Promise<ConfirmOutcome> {
    this.lease.start();
    try {
      failpoint('fetcher.before-confirm');
      const { confirmation, found } = await this.ask();
      this.lease.assertLive();
      const { run, ports, settings } = this;
      const isOurs = await ports.ledger.finish(run, settings.owner, confirmation);
      failpoint('fetcher.after-confirm');
      return isOurs ? { kind: 'confirmed', confirmation, found } : { kind: 'lost' };
    } catch (error) {
      return await this.giveUp(this.lease.signal.aborted ? this.lease.signal.reason : error);
    } finally {
      this.lease.end();
    }
  }

  private async ask(): Promise<{ confirmation: Confirmation; found: PerType<TypeFound> }> {
    const { run, ports, lease, claimedAt } = this;
    const { source, clock } = ports;
    let district: DistrictSource | null;
    try {
      district = await source.find(run.districtId);
    } catch (error) {
      if (!(error instanceof SchoolPassportError) || error.isPermanent) throw error;
      return { confirmation: unaskedConfirmation('the source does not answer'), found: {} };
    }
    if (district === null) throw new SnapshotError('the source does not name the district', 'source');
    requireVersionRead(run, district);
    const at = district;
    const erased = new ErasedRecords(run.districtId, await ports.ledger.erased(run.districtId));
    const found = await askAbsent(
      run,
      async (type, gg4lId) => {
        lease.assertLive();
        // The one that is known to be there shows that the source answers: it is asked for, erased since or not.
        const isKnown = gg4lId === run.known[type];
        if (!isKnown && type !== 'enrollments' && erased.names(type, gg4lId)) return { kind: 'gone' };
        const answer = await source.readOne(at, type, gg4lId, lease.signal);
        return !isKnown && isOfErased(erased, type, gg4lId, answer) ? { kind: 'gone' } : answer;
      },
      () => clock.elapsedMs() - claimedAt >= ASKS_FOR_MS,
    );
    return { confirmation: confirmationOf(found), found };
  }

  private async giveUp(error: unknown): Promise<ConfirmOutcome> {
    const { run, ports, settings } = this;
    if (error instanceof LeaseLostError) return { kind: 'lost' };
    if (error instanceof StoppedError) {
      await ports.ledger.renew(run, settings.owner, 0);
      return { kind: 'lost' };
    }
    if (!isRefusal(error)) throw error;
    const { message: reason } = error;
    const retry = error instanceof SnapshotError ? error.retry : 'source';
    const isOurs = await ports.ledger.fail(run, settings.owner, reason, retry);
    return isOurs ? { kind: 'failed', reason, retry } : { kind: 'lost' };
  }
}

/** No further answer comes of asking on: another pull has to find out whether the district is there again. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof SchoolPassportError) return error.isPermanent;
  return error instanceof SchoolPassportSettingsError || error instanceof SnapshotError;
}

/** Whose an enrollment is by now only the source can tell. */
function isOfErased(erased: ErasedRecords, type: EntityType, gg4lId: string, answer: SingleAnswer): boolean {
  if (type !== 'enrollments' || answer.kind !== 'record') return false;
  const reading = readRecord(type, answer.row);
  return erased.names(type, gg4lId, reading.kind === 'record' ? reading.references : []);
}
