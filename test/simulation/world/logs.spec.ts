import { describe } from '@jest/globals';
import { contractOfLogs, type LogsGround } from '../../../apps/reconciler/test/logs.contract.js';
import { ReconcilerLogs, Topics, Writer } from './logs.js';
import { Random } from './random.js';
import { Actor, Scheduler } from './scheduler.js';

const PARTITIONS = 2;

async function open(): Promise<LogsGround> {
  const random = new Random(1);
  const scheduler = new Scheduler(random, 0);
  const topics = new Topics(PARTITIONS);
  const actor = new Actor('reconciler');
  const writer = new Writer(topics, scheduler, actor, random);
  let isClosed = false;
  const beat = async (): Promise<void> => {
    while (!isClosed) await scheduler.delay(actor, 1_000);
  };
  const beating = beat();
  const running = scheduler.run(() => isClosed, Number.MAX_SAFE_INTEGER);
  return {
    logs: new ReconcilerLogs(topics, writer),
    appendRaw: (partition, messages) => writer.raw(messages.map((message) => ({ partition, message }))),
    async cutRaw(partition, below) {
      const log = topics.rawOf(partition);
      log.entries = log.entries.filter(({ offset }) => offset >= Number(below));
    },
    reports: async () => topics.reports.entries.map(({ message }) => message),
    async close() {
      isClosed = true;
      await Promise.all([running, Promise.race([beating, running])]);
    },
  };
}

describe('the logs of the simulation', () => {
  contractOfLogs(open);
});
