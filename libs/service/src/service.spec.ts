import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  Module,
  type INestApplication,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { Health } from './health.js';
import { Metrics } from './metrics.js';
import { startService, urlOf, type ServiceOptions } from './run-service.js';
import { ServiceLog } from './service-log.js';
import { ServiceConfig } from './service.config.js';

const steps: string[] = [];

class SpecConfig extends ServiceConfig {}

@Injectable()
class Pool implements OnModuleInit, OnApplicationShutdown {
  constructor(
    readonly health: Health,
    readonly metrics: Metrics,
    readonly log: ServiceLog,
    readonly config: SpecConfig,
  ) {}
  onModuleInit(): void {
    steps.push('pool opens');
  }
  onApplicationShutdown(): void {
    steps.push('pool closes');
  }
}

@Controller('console')
class ConsoleController {
  @Get()
  page(): string {
    return 'console';
  }
}

@Module({ controllers: [ConsoleController], providers: [Pool] })
class SpecModule {}

class SpecServer extends Server implements CustomTransportStrategy {
  listen(callback: () => void): void {
    steps.push('consumer starts');
    callback();
  }
  close(): void {
    steps.push('consumer drains');
  }
  override on(): void {
    throw new Error('no events');
  }
  override unwrap<T>(): T {
    throw new Error('nothing inside');
  }
}

let app: INestApplication | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
  steps.length = 0;
});

async function start(more: Partial<ServiceOptions<SpecConfig>> = {}) {
  const config = new SpecConfig();
  const log = new ServiceLog('spec', 'error', () => undefined);
  app = await startService({ name: 'spec', module: () => SpecModule, ...more }, config, log);
  const url = urlOf(app, config);
  return { app, pool: app.get(Pool), get: (path: string) => fetch(`${url}${path}`) };
}

describe('a service', () => {
  it('opens pools before it consumes, and drains the consumer before it closes them', async () => {
    const started = await start({ strategy: () => new SpecServer() });
    expect(steps).toEqual(['pool opens', 'consumer starts']);
    await started.app.close();
    expect(steps).toEqual(['pool opens', 'consumer starts', 'consumer drains', 'pool closes']);
  });

  it('runs without a consumer, with controllers of its own', async () => {
    const { get, pool } = await start();
    expect(await (await get('/console')).text()).toBe('console');
    expect(pool.config).toBeInstanceOf(SpecConfig);
  });

  it('is ready while every check passes, and 503 with the names of those that fail', async () => {
    const { get, pool } = await start();
    pool.health.register('store', () => undefined);
    expect((await get('/health/ready')).status).toBe(200);
    pool.health.register('consumer', () => {
      throw new Error('not joined');
    });
    pool.health.register('redis', () => Promise.reject(new Error('away')));
    const answer = await get('/health/ready');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: 'not-ready', failing: ['consumer', 'redis'] });
    expect((await get('/health/live')).status).toBe(200);
  });

  it('counts a check that does not answer as failing', async () => {
    const { get, pool } = await start();
    pool.health.register('silent', () => new Promise(() => undefined));
    expect(await (await get('/health/ready')).json()).toMatchObject({ failing: ['silent'] });
  });

  it('shows its own metrics beside CPU and memory', async () => {
    const { get, pool } = await start();
    const counter = pool.metrics.counter('rollcall_change_events_total', 'change events', ['type']);
    counter.inc({ type: 'users' }, 3);
    pool.metrics.counter('rollcall_change_events_total', 'change events', ['type']).inc({ type: 'users' });
    pool.metrics.histogram('rollcall_apply_seconds', 'time to apply').observe(0.2);
    pool.metrics.gauge('rollcall_lag', 'messages behind').set(7);
    const answer = await get('/metrics');
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('rollcall_change_events_total{type="users",service="spec"} 4');
    expect(text).toContain('rollcall_apply_seconds_count{service="spec"} 1');
    expect(text).toContain('process_cpu_seconds_total{service="spec"}');
    expect(text).toContain('process_resident_memory_bytes{service="spec"}');
  });
});
