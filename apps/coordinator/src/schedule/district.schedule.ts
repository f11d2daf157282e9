/*
 * Re-reads Discovery: districts appear, and those that are gone or expired are suspended with nothing archived. Then
 * wishes for the runs that are due. A Discovery that fails changes nothing: it never reads as "everybody left".
 */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DistrictLedger, isTransientLedgerError, OpeningLedger } from '#ledger';
import {
  Discovery,
  SchoolPassportError,
  SchoolPassportSettingsError,
  type DistrictListing,
} from '#school-passport';
import { Health, ServiceLog } from '#service';
import { CoordinatorConfig } from '../coordinator.config.js';
import { LedgerClock } from '../ledger.clock.js';
import { StepRunner } from '../step-runner.js';
import { dueCause, suspensionOf } from './due.js';

const INTERVAL = 'discovery';

@Injectable()
export class DistrictSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private underWay: Promise<void> | null = null;
  private failure: string | null = 'Discovery was not read yet';

  constructor(
    private readonly discovery: Discovery,
    private readonly districts: DistrictLedger,
    private readonly openings: OpeningLedger,
    private readonly steps: StepRunner,
    private readonly registry: SchedulerRegistry,
    private readonly config: CoordinatorConfig,
    private readonly clock: LedgerClock,
    private readonly log: ServiceLog,
    health: Health,
  ) {
    health.register('discovery', () => {
      if (this.failure !== null) throw new Error(this.failure);
    });
  }

  onApplicationBootstrap(): void {
    const look = (): void => {
      void this.lookAgain();
    };
    this.registry.addInterval(INTERVAL, setInterval(look, this.config.DISCOVERY_INTERVAL_MS));
    look();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.registry.doesExist('interval', INTERVAL)) this.registry.deleteInterval(INTERVAL);
    await this.underWay?.catch(() => undefined); // it tells its own failure
  }

  /** Reads Discovery now. Throws SchoolPassportError or SchoolPassportSettingsError. */
  async read(): Promise<void> {
    this.underWay ??= this.readOnce().finally(() => (this.underWay = null));
    await this.underWay;
  }

  /** As `read`; what passes by itself is told and tried again at the next look. */
  async lookAgain(): Promise<void> {
    try {
      await this.read();
    } catch (error) {
      if (!isSourceError(error) && !isTransientLedgerError(error)) throw error;
      this.log.warn('discovery-failed', { error });
    }
  }

  private async readOnce(): Promise<void> {
    try {
      await this.noteDistricts();
      this.failure = null;
    } catch (error) {
      this.failure = 'Discovery could not be read, or not be kept';
      throw error;
    }
    if (this.config.COORDINATOR_SCHEDULE === 'on') await this.wantWhatIsDue();
  }

  private async noteDistricts(): Promise<void> {
    const now = this.clock.now();
    const { sources, faults, withheld } = await this.discovery.listWithFaults();
    const changed = await this.districts.note(
      sources.map(({ districtId, name, readyStamp, expiresAt }) => ({
        districtId,
        name,
        readyStamp,
        suspended: suspensionOf(expiresAt, now),
      })),
      keptOf(withheld),
    );
    if (changed.length > 0 || faults.length > 0) {
      this.log.info('districts', { listed: sources.length, changed, faults });
    }
  }

  private async wantWhatIsDue(): Promise<void> {
    for (const district of await this.districts.scheduled()) {
      const { districtId, now } = district;
      const cause = dueCause(district, now);
      if (cause === null) continue;
      const retry = { dryRun: false, retries: 'scheduled', attempt: 1, failures: 0 } as const;
      const isWanted = await this.openings.want({ districtId, cause, ...retry, dueAt: now });
      if (isWanted) this.log.info('wanted', { districtId, cause });
    }
    this.steps.poke();
  }
}

/** An entry that does not say whose it is may be anybody's. */
function keptOf(withheld: DistrictListing['withheld']): readonly string[] | 'all' {
  const kept = withheld.flatMap(({ districtId }) => (districtId === null ? [] : [districtId]));
  return kept.length < withheld.length ? 'all' : kept;
}

export function isSourceError(error: unknown): boolean {
  return error instanceof SchoolPassportError || error instanceof SchoolPassportSettingsError;
}
