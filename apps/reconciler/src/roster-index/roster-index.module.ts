import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Health } from '#service';
import { ReconcilerConfig } from '../reconciler.config.js';
import { RedisRosterIndex } from './redis.roster-index.js';

@Module({
  providers: [
    {
      provide: RedisRosterIndex,
      useFactory: ({ REDIS_URL, ROLLCALL_NAMESPACE }: ReconcilerConfig) =>
        new RedisRosterIndex(REDIS_URL, ROLLCALL_NAMESPACE),
      inject: [ReconcilerConfig],
    },
  ],
  exports: [RedisRosterIndex],
})
export class RosterIndexModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(RedisRosterIndex) private readonly index: RedisRosterIndex,
    private readonly health: Health,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.index.connect();
    this.health.register('redis', () => this.index.ping());
  }

  onApplicationShutdown(): Promise<void> {
    return this.index.close();
  }
}
