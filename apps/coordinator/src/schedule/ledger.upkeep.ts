/* Once a day, and at each start, the ledger is rid of what nobody looks at any more. Any coordinator may do it. */
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { isTransientLedgerError, UpkeepLedger } from '#ledger';
import { ServiceLog } from '#service';
import { LedgerClock } from '../ledger.clock.js';

const INTERVAL = 'upkeep';
const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than topics keep what they tell in full. */
const KEPT_DAYS = 90;

@Injectable()
export class LedgerUpkeep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private underWay: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(
    private readonly ledger: UpkeepLedger,
    private readonly registry: SchedulerRegistry,
    private readonly clock: LedgerClock,
    private readonly log: ServiceLog,
  ) {}

  onApplicationBootstrap(): void {
    const keep = (): void => {
      this.underWay = this.keep();
    };
    this.registry.addInterval(INTERVAL, setInterval(keep, DAY_MS));
    keep();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    if (this.registry.doesExist('interval', INTERVAL)) this.registry.deleteInterval(INTERVAL);
    await this.underWay;
  }

  private async keep(): Promise<void> {
    try {
      const { answers, events } = await this.forget(this.clock.now() - KEPT_DAYS * DAY_MS);
      if (answers + events > 0) this.log.info('ledger-kept', { answers, events });
    } catch (error) {
      if (!isTransientLedgerError(error)) throw error;
      this.log.warn('ledger-not-kept', { error }); // tomorrow again
    }
  }

  private async forget(before: number): Promise<{ answers: number; events: number }> {
    const removed = { answers: 0, events: 0 };
    while (!this.isStopped) {
      const { answers, events } = await this.ledger.forgetSomeBefore(before);
      removed.answers += answers;
      removed.events += events;
      if (answers + events === 0) break;
    }
    return removed;
  }
}
