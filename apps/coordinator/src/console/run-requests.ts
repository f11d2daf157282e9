import { setTimeout as pause } from 'node:timers/promises';
import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { ConsoleLedger, OpeningLedger } from '#ledger';
import { LedgerClock } from '../ledger.clock.js';
import { StepRunner } from '../step-runner.js';
import type { RunRequest } from './bodies.js';
import { viewDistrict, type DistrictView } from './district-view.js';
import { viewRun, type RunView } from './run-view.js';

const OPENED_WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 100;

export interface RequestedRun {
  readonly outcome: 'opened' | 'taken-up' | 'wanted';
  readonly run: RunView | null;
  readonly district: DistrictView;
}

/** Runs that somebody asks for. */
@Injectable()
export class RunRequests {
  constructor(
    private readonly ledger: ConsoleLedger,
    private readonly openings: OpeningLedger,
    private readonly steps: StepRunner,
    private readonly clock: LedgerClock,
  ) {}

  /** Takes up a run that is under way; else wishes for one and waits a little until it is opened. */
  async request(
    districtId: string,
    { dryRun = false, retries = 'scheduled' }: RunRequest,
  ): Promise<RequestedRun> {
    const before = await this.districtOf(districtId);
    if (before.state === 'suspended') {
      throw new ConflictException(`the district is suspended: ${before.reason ?? 'no reason given'}`);
    }
    const underWay = await this.ledger.runUnderWay(districtId);
    if (underWay !== null) return this.answer('taken-up', before, underWay);
    if (dryRun && before.lastRun?.state === 'held') {
      throw new ConflictException(
        `the plan of run ${before.lastRun.generation} waits for a decision: a dry run would supersede it; decide first`,
      );
    }
    if (dryRun && before.wanted?.cause === 'retry' && !before.wanted.dryRun) {
      throw new ConflictException(
        `a failed run is tried again at ${before.wanted.dueAt}: a dry run would take its place; ask for a run, or wait`,
      );
    }
    const asked = { cause: 'asked', attempt: 1, failures: 0, dueAt: this.clock.now() } as const;
    await this.openings.wantNow({ districtId, dryRun, retries, ...asked });
    this.steps.poke();
    return this.waitUntilOpened(districtId, before.lastRun?.generation ?? 0);
  }

  private async waitUntilOpened(districtId: string, above: number): Promise<RequestedRun> {
    const giveUpAt = Date.now() + OPENED_WITHIN_MS;
    for (;;) {
      const district = await this.districtOf(districtId);
      const generation = district.lastRun?.generation ?? 0;
      if (generation > above) return this.answer('opened', district, generation);
      if (Date.now() >= giveUpAt) return { outcome: 'wanted', run: null, district };
      await pause(LOOK_AGAIN_MS);
    }
  }

  private async answer(
    outcome: RequestedRun['outcome'],
    district: DistrictView,
    generation: number,
  ): Promise<RequestedRun> {
    const { districtId } = district;
    return { outcome, run: await viewRun(this.ledger, { districtId, generation }), district };
  }

  private async districtOf(districtId: string): Promise<DistrictView> {
    const [district] = await this.ledger.districts(districtId);
    if (district === undefined) throw new NotFoundException('there is no such district');
    return viewDistrict(district, this.clock.now());
  }
}
