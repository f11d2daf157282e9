import type { SASLOptions } from 'kafkajs';

export type KafkaCompression = 'none' | 'gzip';

/** What a connection needs; everything optional comes from the environment, else from the defaults named here. */
export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** KAFKA_SSL, default false */
  readonly ssl?: boolean;
  /** KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, default none */
  readonly sasl?: SASLOptions;
  /** KAFKA_COMPRESSION, default none */
  readonly compression?: KafkaCompression;
  /** KAFKA_REPLICATION: replicas of topics we create, default 1; from 3 on `min.insync.replicas` is 2 */
  readonly replication?: number;
  /** Where kafkajs' warnings go, without payloads; default JSON lines on stdout */
  readonly log?: KafkaLog;
}

export type KafkaLog = (
  level: 'warn' | 'error',
  event: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

type Environment = Readonly<Record<string, string | undefined>>;

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Settings with every optional one filled in. Throws with the name of a wrong one, never its value. */
export function completeSettings(settings: KafkaSettings, env: Environment) {
  const sasl = settings.sasl ?? saslOf(env);
  return {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ssl: settings.ssl ?? oneOf(env, 'KAFKA_SSL', ['false', 'true']) === 'true',
    ...(sasl === undefined ? {} : { sasl }),
    compression: settings.compression ?? oneOf(env, 'KAFKA_COMPRESSION', ['none', 'gzip']),
    replication: settings.replication ?? replicationOf(env),
  };
}

function oneOf<const V extends string>(env: Environment, name: string, values: readonly [V, ...V[]]): V {
  const text = env[name];
  if (text === undefined || text === '') return values[0];
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) throw new Error(`${name} must be one of ${values.join(', ')}`);
  return value;
}

function replicationOf(env: Environment): number {
  const text = env['KAFKA_REPLICATION'] || '1';
  if (!/^[1-9]$/.test(text)) throw new Error('KAFKA_REPLICATION must be an integer from 1 to 9');
  return Number(text);
}

function saslOf(env: Environment): SASLOptions | undefined {
  if (!env['KAFKA_SASL_MECHANISM']) return undefined;
  const mechanism = oneOf(env, 'KAFKA_SASL_MECHANISM', MECHANISMS);
  const username = env['KAFKA_SASL_USERNAME'];
  const password = env['KAFKA_SASL_PASSWORD'];
  if (!username || !password) {
    throw new Error('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set with KAFKA_SASL_MECHANISM');
  }
  return { mechanism, username, password };
}
