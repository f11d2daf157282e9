import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import { openCluster } from './kafkajs-cluster.js';

describe('the way to the cluster object of kafkajs', () => {
  it('exists in the version that is installed, which is exactly 2.2.4', () => {
    const { version } = createRequire(import.meta.url)('kafkajs/package.json') as { version: string };
    expect(version).toBe('2.2.4');
    const cluster = openCluster(new kafkajs.Kafka({ brokers: ['127.0.0.1:1'] }));
    for (const method of [
      'connect',
      'disconnect',
      'addTargetTopic',
      'findBroker',
      'findLeaderForPartitions',
    ] as const) {
      expect(Reflect.get(cluster, method)).toBeInstanceOf(Function);
    }
    for (const method of [
      'fetchTopicsOffset',
      'refreshMetadata',
      'refreshMetadataIfNecessary',
      'removeBroker',
    ] as const) {
      expect(Reflect.get(cluster, method)).toBeInstanceOf(Function);
    }
  });

  it('says which kafkajs is needed when the symbol is gone', () => {
    expect(() => openCluster({} as kafkajs.Kafka)).toThrow('libs/kafka needs 2.2.4');
  });
});
