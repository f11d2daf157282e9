import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ServiceLog, ServiceModule } from '#service';
import { RawLogConsumer } from './raw-log.consumer.js';
import { ReconcilerConfig } from './reconciler.config.js';
import { ReconcilerModule } from './reconciler.module.js';

describe('the reconciler module', () => {
  it('has everything its parts ask for', async () => {
    const config = new ReconcilerConfig();
    config.KAFKA_BROKERS = ['127.0.0.1:1'];
    config.REDIS_URL = 'redis://127.0.0.1:1';
    const log = new ServiceLog('reconciler', 'error');
    const module = await Test.createTestingModule({
      imports: [ServiceModule.forRoot('reconciler', config, log), ReconcilerModule],
    }).compile();
    expect(module.get(RawLogConsumer)).toBeInstanceOf(RawLogConsumer);
  });
});
