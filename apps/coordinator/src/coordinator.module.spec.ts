import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ConfigError, loadConfig, ServiceLog, ServiceModule } from '#service';
import { CoordinatorConfig } from './coordinator.config.js';
import { connectionOf, CoordinatorModule } from './coordinator.module.js';
import { StepRunner } from './step-runner.js';

const SETTINGS = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  DATABASE_URL: 'postgres://rollcall@127.0.0.1/rollcall',
  DISTRICTS_FILE: '/districts.json',
};

describe('the coordinator', () => {
  it('is put together from its providers', async () => {
    const config = loadConfig(CoordinatorConfig, SETTINGS);
    const log = new ServiceLog('coordinator', 'error', () => undefined);
    const module = await Test.createTestingModule({
      imports: [ServiceModule.forRoot('coordinator', config, log), CoordinatorModule],
    }).compile();
    expect(module.get(StepRunner)).toBeInstanceOf(StepRunner);
  });

  it('has what kafkajs says among its own log lines', async () => {
    const lines: string[] = [];
    const log = new ServiceLog('coordinator', 'warn', (line) => void lines.push(line));
    const config = loadConfig(CoordinatorConfig, { ...SETTINGS, KAFKA_BROKERS: '127.0.0.1:1' });
    await expect(connectionOf(config, log).cluster().connect()).rejects.toThrow();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ service: 'coordinator', event: 'kafka' });
  });

  it('wants a token where it does not listen on loopback', () => {
    const open = { ...SETTINGS, HTTP_HOST: '0.0.0.0' };
    expect(() => loadConfig(CoordinatorConfig, open)).toThrow(ConfigError);
    expect(() => loadConfig(CoordinatorConfig, open)).toThrow('COORDINATOR_TOKEN must be set');
    expect(loadConfig(CoordinatorConfig, { ...open, COORDINATOR_TOKEN: 'secret' }).HTTP_HOST).toBe('0.0.0.0');
  });

  it.each([
    ['RUN_RETRY_MS', ','],
    ['RUN_RETRY_MS', '1000,0'],
    ['RUN_RESEND_MS', '60000'],
  ])('refuses %s=%s, which would try again without a pause, or send nothing again', (name, value) => {
    expect(() => loadConfig(CoordinatorConfig, { ...SETTINGS, [name]: value })).toThrow(name);
  });

  it('takes a pause of its own, and a longer silence with later markers', () => {
    const own = { ...SETTINGS, RUN_RETRY_MS: '300,600000', RUN_RESEND_MS: '60000', RUN_SILENCE_MS: '120000' };
    expect(loadConfig(CoordinatorConfig, own).RUN_RETRY_MS).toEqual(['300', '600000']);
  });

  it('lets a plan be held for six days at most: after seven its records may be gone from the raw log', () => {
    const dayMs = 24 * 60 * 60 * 1000;
    const held = (ms: number) => loadConfig(CoordinatorConfig, { ...SETTINGS, RUN_HELD_MS: String(ms) });
    expect(held(6 * dayMs).RUN_HELD_MS).toBe(6 * dayMs);
    expect(() => held(6 * dayMs + 1)).toThrow('RUN_HELD_MS');
  });

  it('names a wrong setting without its value', () => {
    const wrong = { ...SETTINGS, DATABASE_URL: 'mysql://secret' };
    expect(() => loadConfig(CoordinatorConfig, wrong)).toThrow('DATABASE_URL must be set to postgres://…');
  });
});
