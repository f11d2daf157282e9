import { describe, expect, it } from '@jest/globals';
import { IsBoolean, IsInt, IsString, IsUrl, Max, Min } from 'class-validator';
import { ConfigError, loadConfig } from './load-config.js';
import { ServiceConfig } from './service.config.js';

class StoreConfig extends ServiceConfig {
  @IsUrl({ protocols: ['redis'], require_protocol: true, require_tld: false })
  REDIS_URL!: string;

  @IsInt()
  @Min(1)
  @Max(50)
  POOL_SIZE: number = 10;

  @IsBoolean()
  DRY_RUN: boolean = false;

  @IsString()
  CODE: string = '';
}

const given = { KAFKA_BROKERS: '127.0.0.1:9092', REDIS_URL: 'redis://localhost:6379' };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(StoreConfig, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('has defaults for everything but what only the operator can know', () => {
    expect(loadConfig(StoreConfig, given)).toEqual({
      ...given,
      ROLLCALL_NAMESPACE: 'rollcall',
      ROLLCALL_PARTITIONS: 12,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: 0,
      LOG_LEVEL: 'info',
      KAFKA_BROKERS: ['127.0.0.1:9092'],
      KAFKA_SSL: false,
      KAFKA_COMPRESSION: 'none',
      KAFKA_REPLICATION: 1,
      POOL_SIZE: 10,
      DRY_RUN: false,
      CODE: '',
    });
  });

  it('turns text into what the setting is declared as', () => {
    const env = { KAFKA_BROKERS: 'a:1, [::1]:2,', ROLLCALL_PARTITIONS: '3', DRY_RUN: 'true', CODE: '0042' };
    expect(loadConfig(StoreConfig, { ...given, ...env })).toMatchObject({
      KAFKA_BROKERS: ['a:1', '[::1]:2'],
      ROLLCALL_PARTITIONS: 3,
      DRY_RUN: true,
      CODE: '0042',
    });
  });

  it('ignores what is no setting and takes an empty variable as not set', () => {
    const config = loadConfig(StoreConfig, { ...given, PATH: '/bin', LOG_LEVEL: '', constructor: 'x' });
    expect(config.LOG_LEVEL).toBe('info');
    expect(config).not.toHaveProperty('PATH');
    expect(config).toBeInstanceOf(StoreConfig);
  });

  it.each([
    ['ROLLCALL_NAMESPACE', 'Geheim'],
    ['ROLLCALL_NAMESPACE', '9geheim'],
    ['ROLLCALL_PARTITIONS', '1.5'],
    ['ROLLCALL_PARTITIONS', '0'],
    ['ROLLCALL_PARTITIONS', 'geheim'],
    ['HTTP_PORT', '70000'],
    ['LOG_LEVEL', 'geheim'],
    ['KAFKA_BROKERS', 'geheim'],
    ['KAFKA_BROKERS', 'a:1,http://geheim'],
    ['KAFKA_SSL', 'geheim'],
    ['KAFKA_REPLICATION', '10'],
    ['REDIS_URL', 'geheim'],
    ['DRY_RUN', '1'],
  ])('refuses %s when it is %j, naming the setting and never the value', (name, value) => {
    const problems = problemsOf({ ...given, [name]: value });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toContain(name);
    expect(problems.join()).not.toContain('eheim');
  });

  it('wants user and password where Kafka is logged in to', () => {
    const login = {
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'reader',
      KAFKA_SASL_PASSWORD: 'geheim',
    };
    expect(problemsOf({ ...given, ...login })).toEqual([]);
    for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']) {
      const problem = `${name} must be set with KAFKA_SASL_MECHANISM`;
      expect(problemsOf({ ...given, ...login, [name]: '' })).toEqual([problem]);
    }
  });

  it('names everything that is missing or wrong in one message', () => {
    const message = (() => {
      try {
        loadConfig(StoreConfig, { POOL_SIZE: '99' });
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    for (const name of ['KAFKA_BROKERS', 'REDIS_URL', 'POOL_SIZE must not be greater than 50']) {
      expect(message).toContain(name);
    }
    expect(message.split('\n')).toHaveLength(1);
  });
});
