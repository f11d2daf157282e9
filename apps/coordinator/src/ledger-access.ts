import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LedgerConnection } from '#ledger';
import { Health } from '#service';
import { CoordinatorConfig } from './coordinator.config.js';

/** The ledger's connection, brought to this version at start and closed at the end. */
@Injectable()
export class LedgerAccess implements OnModuleInit, OnApplicationShutdown {
  readonly connection: LedgerConnection;

  constructor(config: CoordinatorConfig, health: Health) {
    this.connection = new LedgerConnection(config.DATABASE_URL, config.ROLLCALL_NAMESPACE);
    health.register('ledger', async () => {
      await this.connection.query('select 1');
    });
  }

  onModuleInit(): Promise<void> {
    return this.connection.migrate();
  }

  onApplicationShutdown(): Promise<void> {
    return this.connection.close();
  }
}
