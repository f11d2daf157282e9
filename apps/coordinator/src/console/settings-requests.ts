import { BadRequestException, Injectable } from '@nestjs/common';
import { DistrictLedger } from '#ledger';
import { ServiceLog } from '#service';
import { LedgerClock } from '../ledger.clock.js';
import type { SettingsRequest } from './bodies.js';
import { settingsTold } from './settings-told.js';

const MAX_WINDOW_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Settings that somebody puts. */
@Injectable()
export class SettingsRequests {
  constructor(
    private readonly districts: DistrictLedger,
    private readonly clock: LedgerClock,
    private readonly log: ServiceLog,
  ) {}

  /** Replaces all settings of a district, if there is one. Throws BadRequestException. */
  async put(districtId: string, settings: SettingsRequest): Promise<void> {
    const { rollover } = settings;
    const lastAt = this.clock.now() + MAX_WINDOW_DAYS * DAY_MS;
    if (rollover !== undefined && !(Date.parse(rollover.until) <= lastAt)) {
      throw new BadRequestException([
        `rollover.until must be an instant, at most ${MAX_WINDOW_DAYS} days ahead`,
      ]);
    }
    const replaced = await this.districts.configure(districtId, settings);
    if (replaced !== null) this.log.info('settings', { districtId, ...settingsTold(replaced) });
  }
}
