import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ConfigError, loadConfig, ServiceLog, ServiceModule } from '#service';
import { FetcherConfig, httpSettings } from './fetcher.config.js';
import { connectionOf, FetcherModule } from './fetcher.module.js';
import { RunLoop } from './run/run.loop.js';

const env = {
  KAFKA_BROKERS: '127.0.0.1:1',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  SCHOOL_PASSPORT_URL: 'https://source.example.org',
  SCHOOL_PASSPORT_CLIENT_ID: 'id',
  SCHOOL_PASSPORT_CLIENT_SECRET: 'hush',
};

describe('the fetcher', () => {
  it('is put together from its configuration, and opens nothing before it starts', async () => {
    const config = loadConfig(FetcherConfig, env);
    const imports = [ServiceModule.forRoot('fetcher', config), FetcherModule.forRoot(config)];
    const module = await Test.createTestingModule({ imports }).compile();
    expect(module.get(RunLoop, { strict: false })).toBeInstanceOf(RunLoop);
    await module.close();
  });

  it('has what kafkajs says among its own log lines', async () => {
    const lines: string[] = [];
    const log = new ServiceLog('fetcher', 'warn', (line) => void lines.push(line));
    const config = loadConfig(FetcherConfig, { ...env, KAFKA_BROKERS: '127.0.0.1:1' });
    await expect(connectionOf(config, log).cluster().connect()).rejects.toThrow();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ service: 'fetcher', event: 'kafka' });
  });

  it.each([
    ['DATABASE_URL', { DATABASE_URL: 'hush' }],
    ['SCHOOL_PASSPORT_URL', { SCHOOL_PASSPORT_URL: '' }],
    ['SCHOOL_PASSPORT_CLIENT_SECRET', { SCHOOL_PASSPORT_CLIENT_SECRET: '' }],
    ['SCHOOL_PASSPORT_ALLOW_HTTP', { SCHOOL_PASSPORT_ALLOW_HTTP: 'hush' }],
    ['FETCHER_CONCURRENCY', { FETCHER_CONCURRENCY: '0' }],
    ['FETCHER_PAGE_LIMIT', { FETCHER_PAGE_LIMIT: 'hush' }],
    ['FETCHER_REQUESTS', { FETCHER_REQUESTS: '0' }],
    ['FETCHER_MAX_DEPTH', { FETCHER_MAX_DEPTH: '100000' }],
    ['FETCHER_LEASE_RENEW_MS', { FETCHER_LEASE_MS: '2000' }],
    ['FETCHER_LEASE_RENEW_MS', { FETCHER_LEASE_RENEW_MS: '4001' }],
    ['FETCHER_LEASE_RENEW_MS', { FETCHER_LEASE_RENEW_MS: '3000000000', FETCHER_LEASE_MS: '9000000000' }],
    ['FETCHER_LEASE_MS', { FETCHER_LEASE_MS: '600001' }],
    ['FETCHER_POLL_MS', { FETCHER_POLL_MS: '60001' }],
    ['FETCHER_MAX_BODY_BYTES', { FETCHER_MAX_BODY_BYTES: '536870912' }],
    ['SOURCE_HOSTS', { SOURCE_HOSTS: 'api.example.org,https://hush' }],
    ['SOURCE_PRIVATE_NETWORKS', { SOURCE_PRIVATE_NETWORKS: '10.0.0.0/8,hush/8' }],
  ])('refuses a wrong %s, naming it and not its value', (name, change) => {
    const load = (): unknown => loadConfig(FetcherConfig, { ...env, ...change });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(name);
    expect(load).not.toThrow(/hush/);
  });

  it('takes a lease that is renewed three times while it lasts', () => {
    const times = { FETCHER_LEASE_MS: '2000', FETCHER_LEASE_RENEW_MS: '666' };
    expect(loadConfig(FetcherConfig, { ...env, ...times })).toMatchObject({
      ...{ FETCHER_LEASE_MS: 2000, FETCHER_LEASE_RENEW_MS: 666 },
    });
  });

  it('hands its limits and whom it may ask to the client', () => {
    const config = loadConfig(FetcherConfig, {
      ...{ ...env, SOURCE_HOSTS: '*.example.org, api.example.net', SOURCE_PRIVATE_NETWORKS: '10.0.0.0/8' },
      ...{ FETCHER_REQUESTS: '7', FETCHER_RETRIES: '9', FETCHER_IDLE_TIMEOUT_MS: '1234' },
    });
    expect(httpSettings(config)).toMatchObject({
      hosts: ['*.example.org', 'api.example.net'],
      privateNetworks: ['10.0.0.0/8'],
      ...{ concurrency: 7, retries: 9, idleTimeoutMs: 1234, timeoutMs: 60_000 },
    });
  });

  it('needs no School Passport where a districts file is named', () => {
    const { KAFKA_BROKERS, DATABASE_URL } = env;
    const config = loadConfig(FetcherConfig, {
      KAFKA_BROKERS,
      DATABASE_URL,
      DISTRICTS_FILE: 'districts.json',
    });
    expect(config.DISTRICTS_FILE).toBe('districts.json');
  });
});
