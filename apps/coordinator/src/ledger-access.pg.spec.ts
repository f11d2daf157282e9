import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { ScratchLedger } from '../../../libs/ledger/test/scratch-ledger.js';
import { Health, loadConfig, ServiceLog } from '#service';
import { CoordinatorConfig } from './coordinator.config.js';
import { LedgerAccess } from './ledger-access.js';
import { LedgerClock } from './ledger.clock.js';

const HOUR_MS = 3_600_000;
const scratch = new ScratchLedger('ledger_access');

beforeAll(() => scratch.connection.migrate());
afterAll(() => scratch.drop());

/** Tells each time that it is set. */
class HeardClock extends LedgerClock {
  heard = (): void => undefined;

  override setTo(nowMs: number): void {
    super.setTo(nowMs);
    this.heard();
  }
}

describe('the ledger of a coordinator', () => {
  it('tells the time again and again, so that also a standby whose host was suspended goes by it', async () => {
    const clock = new HeardClock();
    const config = loadConfig(CoordinatorConfig, {
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: scratch.url,
      DISTRICTS_FILE: '/districts.json',
    });
    const log = new ServiceLog('coordinator', 'info', () => undefined);
    const access = new LedgerAccess(config, new Health(), clock, new SchedulerRegistry(), log);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'performance', 'setImmediate', 'setTimeout', 'Date'] });
    try {
      await access.onModuleInit();
      clock.setTo(Date.now() - HOUR_MS);
      const isTold = new Promise<void>((resolve) => (clock.heard = resolve));
      jest.advanceTimersByTime(5_000);
      await isTold;
      expect(Math.abs(clock.now() - Date.now())).toBeLessThan(HOUR_MS / 2);
    } finally {
      jest.useRealTimers();
      await access.onApplicationShutdown();
    }
  });
});
