import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { isTransientLedgerError, LedgerConnection } from '#ledger';
import { Health, ServiceLog } from '#service';
import { CoordinatorConfig } from './coordinator.config.js';
import { LedgerClock } from './ledger.clock.js';

const INTERVAL = 'ledger clock';
const READ_CLOCK_EVERY_MS = 5_000;

/**
 * The ledger's connection, brought to this version at start and closed at the end. Asks for the ledger's time again and
 * again: a standby takes no steps that would, and yet it notes reports and decisions of people.
 */
@Injectable()
export class LedgerAccess implements OnModuleInit, OnApplicationShutdown {
  readonly connection: LedgerConnection;

  constructor(
    config: CoordinatorConfig,
    health: Health,
    private readonly clock: LedgerClock,
    private readonly registry: SchedulerRegistry,
    private readonly log: ServiceLog,
  ) {
    this.connection = new LedgerConnection(config.DATABASE_URL, config.ROLLCALL_NAMESPACE);
    health.register('ledger', async () => {
      await this.connection.query('select 1');
    });
  }

  async onModuleInit(): Promise<void> {
    await this.connection.migrate();
    await this.readClock();
    const readAgain = setInterval(() => void this.readClockAgain(), READ_CLOCK_EVERY_MS);
    this.registry.addInterval(INTERVAL, readAgain);
  }

  onApplicationShutdown(): Promise<void> {
    if (this.registry.doesExist('interval', INTERVAL)) this.registry.deleteInterval(INTERVAL);
    return this.connection.close();
  }

  private async readClock(): Promise<void> {
    const { rows } = await this.connection.query<{ now: number }>(
      'select ledger.ms(clock_timestamp()) as now',
    );
    if (rows[0] !== undefined) this.clock.setTo(rows[0].now);
  }

  private async readClockAgain(): Promise<void> {
    try {
      await this.readClock();
    } catch (error) {
      if (!isTransientLedgerError(error)) throw error;
      this.log.debug('clock-unknown', { error }); // the last one goes on
    }
  }
}
