/*
 * Looks at how many districts there are and how long each active one has been without a completed run, by the ledger's
 * clock, whether or not Discovery can be read. One that is late is told once, by whichever coordinator notes it first: a
 * log line, an alarm, an event.
 */
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DistrictLedger, isTransientLedgerError, type KnownDistrict } from '#ledger';
import { Metrics, ServiceLog } from '#service';
import { CoordinatorConfig } from '../coordinator.config.js';
import { alarmCount } from '../decision-journal.js';
import { LedgerClock } from '../ledger.clock.js';
import { ageMs, latenessOf } from './age.js';

const INTERVAL = 'ages';

@Injectable()
export class AgeWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly counts;
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
    this.counts = metrics.gauge('rollcall_districts', 'districts that Discovery lists or listed', ['state']);
    this.ages = metrics.gauge(
      'rollcall_district_age_seconds',
      'how long an active district has been without a completed run',
      ['district'],
    );
    this.alarms = alarmCount(metrics);
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
    const known = await this.districts.known();
    const active = known.filter(({ state }) => state === 'active');
    this.counts.set({ state: 'active' }, active.length);
    this.counts.set({ state: 'suspended' }, known.length - active.length);
    this.showAges(active);
    const late = active.flatMap((district) => {
      const { districtId, completedAt, now } = district;
      const reason = latenessOf(district, this.config.DISTRICT_LATE_MS, now);
      return reason === null ? [] : [{ districtId, completedAt, reason }];
    });
    for (const { districtId, reason } of await this.districts.noteLate(late, this.clock.now())) {
      this.alarms('age');
      this.log.error('district-late', { districtId, reason });
    }
  }

  private showAges(districts: readonly KnownDistrict[]): void {
    this.ages.reset();
    for (const district of districts) {
      const age = ageMs(district, district.now);
      if (age !== null) this.ages.set({ district: district.districtId }, Math.round(age / 1000));
    }
  }
}
