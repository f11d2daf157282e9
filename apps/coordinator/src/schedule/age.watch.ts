/*
 * Looks at how long each active district has been without a completed run, whether or not Discovery can be read. One
 * that is late is told once, by whichever coordinator notes it first: a log line, an alarm, an event.
 */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DistrictLedger, isTransientLedgerError } from '#ledger';
import { Metrics, ServiceLog } from '#service';
import { CoordinatorConfig } from '../coordinator.config.js';
import { alarmsOf } from '../decision-journal.js';
import { LedgerClock } from '../ledger.clock.js';
import { ageMs, latenessOf } from './age.js';

const INTERVAL = 'ages';

@Injectable()
export class AgeWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly ages;
  private readonly alarms;
  private underWay: Promise<void> | null = null;

  constructor(
    private readonly districts: DistrictLedger,
    private readonly registry: SchedulerRegistry,
    private readonly config: CoordinatorConfig,
    private readonly clock: LedgerClock,
    private readonly log: ServiceLog,
    metrics: Metrics,
  ) {
    this.ages = metrics.gauge(
      'rollcall_district_age_seconds',
      'how long an active district has been without a completed run',
      ['district'],
    );
    this.alarms = alarmsOf(metrics);
  }

  onApplicationBootstrap(): void {
    const look = (): void => {
      this.underWay ??= this.look().finally(() => (this.underWay = null));
    };
    this.registry.addInterval(INTERVAL, setInterval(look, this.config.DISCOVERY_INTERVAL_MS));
    look();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.registry.doesExist('interval', INTERVAL)) this.registry.deleteInterval(INTERVAL);
    await this.underWay;
  }

  async look(): Promise<void> {
    try {
      await this.lookOnce();
    } catch (error) {
      if (!isTransientLedgerError(error)) throw error;
      this.log.warn('ages-unknown', { error }); // looked at again in a while
    }
  }

  private async lookOnce(): Promise<void> {
    const districts = await this.districts.active();
    const now = this.clock.now();
    this.ages.reset();
    for (const district of districts) {
      this.ages.set({ district: district.districtId }, Math.round(ageMs(district, now) / 1000));
    }
    const late = districts.flatMap((district) => {
      const reason = latenessOf(district, this.config.DISTRICT_LATE_MS, now);
      const { districtId, completedAt } = district;
      return reason === null ? [] : [{ districtId, completedAt, reason }];
    });
    for (const { districtId, reason } of await this.districts.noteLate(late, now)) {
      this.alarms.inc({ alarm: 'age' });
      this.log.error('district-late', { districtId, reason });
    }
  }
}
