import { describe, expect, it } from '@jest/globals';
import { completeSettings } from './kafka-settings.js';

const given = { brokers: ['127.0.0.1:9092'], clientId: 'spec' };

describe('settings of a connection', () => {
  it('default to no encryption, no login, no compression and one replica', () => {
    expect(completeSettings(given, {})).toEqual({
      ...given,
      ssl: false,
      compression: 'none',
      replication: 1,
    });
  });

  it('come from the environment, an empty variable counting as not set', () => {
    const env = {
      KAFKA_SSL: 'true',
      KAFKA_COMPRESSION: 'gzip',
      KAFKA_REPLICATION: '3',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'reader',
      KAFKA_SASL_PASSWORD: 'geheim',
    };
    const sasl = { mechanism: 'scram-sha-512', username: 'reader', password: 'geheim' };
    expect(completeSettings(given, env)).toEqual({
      ...given,
      ssl: true,
      sasl,
      compression: 'gzip',
      replication: 3,
    });
    expect(
      completeSettings(given, { KAFKA_SSL: '', KAFKA_REPLICATION: '', KAFKA_SASL_MECHANISM: '' }),
    ).toEqual(completeSettings(given, {}));
  });

  it('are refused by name and constraint, never with the value', () => {
    expect(() => completeSettings(given, { KAFKA_SSL: 'geheim' })).toThrow(
      /^KAFKA_SSL must be one of false, true$/,
    );
    expect(() => completeSettings(given, { KAFKA_REPLICATION: 'geheim' })).toThrow(
      /^KAFKA_REPLICATION must be/,
    );
    expect(() => completeSettings(given, { KAFKA_COMPRESSION: 'geheim' })).toThrow(
      /^KAFKA_COMPRESSION must be one/,
    );
    expect(() =>
      completeSettings(given, { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'geheim' }),
    ).toThrow(/^KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set with KAFKA_SASL_MECHANISM$/);
  });
});
