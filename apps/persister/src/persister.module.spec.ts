import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ServiceLog, ServiceModule } from '#service';
import { ChangeEventsConsumer } from './change-events.consumer.js';
import { DeadLettersConsumer } from './dead-letters.consumer.js';
import { PersisterConfig } from './persister.config.js';
import { PersisterModule } from './persister.module.js';

describe('the persister module', () => {
  it('has everything its parts ask for', async () => {
    const config = new PersisterConfig();
    config.KAFKA_BROKERS = ['127.0.0.1:1'];
    config.DATABASE_URL = 'postgres://127.0.0.1:1/postgres';
    const log = new ServiceLog('persister', 'error');
    const module = await Test.createTestingModule({
      imports: [ServiceModule.forRoot('persister', config, log), PersisterModule],
    }).compile();
    expect(module.get(ChangeEventsConsumer)).toBeInstanceOf(ChangeEventsConsumer);
    expect(module.get(DeadLettersConsumer)).toBeInstanceOf(DeadLettersConsumer);
  });
});
