import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import type { RunKey } from '#contracts';
import { ConsoleLedger, SettlementLedger } from '#ledger';
import { failpoint } from '#service';
import { DecisionJournal } from '../decision-journal.js';
import { LedgerClock } from '../ledger.clock.js';
import { StepRunner } from '../step-runner.js';
import type { DecisionRequest } from './bodies.js';
import { viewRun, type RunView } from './run-view.js';

export const UNDECIDABLE = 'the run is not held, its plan is another one, or its district is suspended';

/** Somebody's word on a held plan, for exactly the plan of the digest. */
@Injectable()
export class Decisions {
  constructor(
    private readonly ledger: ConsoleLedger,
    private readonly settlement: SettlementLedger,
    private readonly steps: StepRunner,
    private readonly journal: DecisionJournal,
    private readonly clock: LedgerClock,
  ) {}

  /** Throws ConflictException if that plan is not there to be decided. */
  async approve(run: RunKey, { digest, who, why }: DecisionRequest): Promise<RunView> {
    failpoint('coordinator.before-approved');
    const isApproved = await this.settlement.approve(run, digest, who, why, this.clock.now());
    return this.decided('approved', isApproved, run);
  }

  /** Throws ConflictException if that plan is not there to be decided. */
  async reject(run: RunKey, { digest, who, why }: DecisionRequest): Promise<RunView> {
    failpoint('coordinator.before-rejected');
    const isRejected = await this.settlement.reject(run, digest, who, why, this.clock.now());
    return this.decided('rejected', isRejected, run);
  }

  private async decided(verdict: 'approved' | 'rejected', isDecided: boolean, key: RunKey): Promise<RunView> {
    const run = await viewRun(this.ledger, key);
    if (run === null) throw new NotFoundException('there is no such run');
    if (!isDecided) throw new ConflictException(UNDECIDABLE);
    failpoint(`coordinator.after-${verdict}`);
    this.journal.decided(verdict, run, { digest: run.digest });
    this.steps.poke();
    return run;
  }
}
