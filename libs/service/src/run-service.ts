// How every service starts and stops. Start: configuration, module, microservice, init (pools open), consumer, HTTP.
// Stop (SIGTERM, SIGINT): HTTP closes, the consumer drains, then pools close in onApplicationShutdown; exit 0, or 1 when
// overdue after ten seconds. A wrong configuration exits 78 with one line on stderr; a failed start, a crashed consumer
// or anything nobody caught exits 1 with one log line.
import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { ConfigError, EXIT_CONFIG, loadConfig } from './load-config.js';
import { NestLog } from './nest-log.js';
import { ServiceLog } from './service-log.js';
import type { ServiceConfig } from './service.config.js';
import { ServiceModule } from './service.module.js';

const STOP_WITHIN_MS = 10_000;

export interface ServiceOptions<C extends ServiceConfig> {
  readonly name: string;
  readonly config: new () => C;
  /** The service's own module; ServiceModule is imported beside it and global. */
  readonly module: (config: C) => Type | DynamicModule;
  /** What must be there before anything is constructed: topics, migrations. */
  readonly prepare?: (config: C, log: ServiceLog) => Promise<void>;
  /** The consumer; left out by a service that reads no topic. Made before init, so take from `app` only what needs none. */
  readonly strategy?: (app: INestApplication, config: C) => CustomTransportStrategy;
  /** Pipes, OpenAPI and the like, before init. */
  readonly configure?: (app: INestApplication, config: C) => void | Promise<void>;
}

/** Resolves when the service listens; from then on signals end it. */
export async function runService<C extends ServiceConfig>(options: ServiceOptions<C>): Promise<void> {
  const config = configOrExit(options);
  const log = new ServiceLog(options.name, config.LOG_LEVEL);
  dieOnBugs(log);
  limitShutdown(log);
  try {
    await options.prepare?.(config, log);
    const app = await startService(options, config, log);
    log.info('listening', {
      url: urlOf(app, config),
      namespace: config.ROLLCALL_NAMESPACE,
      pid: process.pid,
    });
  } catch (error) {
    log.error('start-failed', { error });
    process.exit(1);
  }
}

/** As `runService` with a configuration at hand, without signals' time limit or exits; for tests too. */
export async function startService<C extends ServiceConfig>(
  options: Omit<ServiceOptions<C>, 'config' | 'prepare'>,
  config: C,
  log: ServiceLog,
): Promise<INestApplication> {
  class ServiceRoot {}
  const app = await NestFactory.create(
    {
      module: ServiceRoot,
      imports: [ServiceModule.forRoot(options.name, config, log), options.module(config)],
    },
    { logger: new NestLog(log), abortOnError: false, forceCloseConnections: true },
  );
  await options.configure?.(app, config);
  if (options.strategy) app.connectMicroservice({ strategy: options.strategy(app, config) });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.init();
  await app.startAllMicroservices();
  await app.listen(config.HTTP_PORT, config.HTTP_HOST);
  return app;
}

export function urlOf(app: INestApplication, config: ServiceConfig): string {
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  const host = config.HTTP_HOST.includes(':') ? `[${config.HTTP_HOST}]` : config.HTTP_HOST;
  return `http://${host}:${port}`;
}

function configOrExit<C extends ServiceConfig>({ name, config }: ServiceOptions<C>): C {
  try {
    return loadConfig(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    return process.exit(EXIT_CONFIG);
  }
}

function dieOnBugs(log: ServiceLog): void {
  const die = (error: unknown): void => {
    log.error('crashed', { error });
    process.exit(1);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}

function limitShutdown(log: ServiceLog): void {
  const limit = (signal: NodeJS.Signals): void => {
    log.info('stopping', { signal });
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal); // nothing to close yet
    setTimeout(() => {
      log.error('stop-overdue', { afterMs: STOP_WITHIN_MS });
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
  };
  process.once('SIGTERM', limit);
  process.once('SIGINT', limit);
}
