import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { Health } from './health.js';
import { Metrics } from './metrics.js';
import { ServiceLog } from './service-log.js';
import { ServiceConfig } from './service.config.js';

/** Global: ServiceLog, Metrics, Health with their HTTP ends, and the configuration under ServiceConfig and its own class. */
@Module({})
export class ServiceModule {
  static forRoot(
    name: string,
    config: ServiceConfig,
    log = new ServiceLog(name, config.LOG_LEVEL),
  ): DynamicModule {
    const providers = [
      { provide: ServiceLog, useValue: log },
      { provide: Metrics, useFactory: () => new Metrics(name) },
      Health,
      { provide: ServiceConfig, useValue: config },
      ...(config.constructor === ServiceConfig ? [] : [{ provide: config.constructor, useValue: config }]),
    ];
    const exported = providers.map((provider) => ('provide' in provider ? provider.provide : provider));
    return {
      module: ServiceModule,
      global: true,
      controllers: [HealthController],
      providers,
      exports: exported,
    };
  }
}
