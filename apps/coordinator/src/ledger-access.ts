import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LedgerConnection } from '#ledger';
import { Health } from '#service';
import { CoordinatorConfig } from './coordinator.config.js';
import { LedgerClock } from './ledger.clock.js';

/** The ledger's connection, brought to this version at start and closed at the end. */
@Injectable()
export class LedgerAccess implements OnModuleInit, OnApplicationShutdown {
  readonly connection: LedgerConnection;

  constructor(
    config: CoordinatorConfig,
    health: Health,
    private readonly clock: LedgerClock,
  ) {
    this.connection = new LedgerConnection(config.DATABASE_URL, config.ROLLCALL_NAMESPACE);
    health.register('ledger', async () => {
      await this.connection.query('select 1');
    });
  }

  async onModuleInit(): Promise<void> {
    await this.connection.migrate();
    const { rows } = await this.connection.query<{ now: number }>(
      'select ledger.ms(clock_timestamp()) as now',
    );
    if (rows[0] !== undefined) this.clock.setTo(rows[0].now);
  }

  onApplicationShutdown(): Promise<void> {
    return this.connection.close();
  }
}
