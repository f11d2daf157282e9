import { describe } from '@jest/globals';
import type { Logs } from '../src/reconciliation/ports.js';
import { contractOfLogs, type LogsGround } from './logs.contract.js';
import { MemoryLogs } from './memory.logs.js';

/** Memory logs are of one partition each; reports are of all. */
async function open(): Promise<LogsGround> {
  const partitions = [new MemoryLogs(), new MemoryLogs()];
  const of = (partition: number): MemoryLogs => {
    const logs = partitions[partition];
    if (logs === undefined) throw new RangeError(`there is no partition ${partition}`);
    return logs;
  };
  const logs: Logs = {
    readRaw: (partition, ...range) => of(partition).readRaw(partition, ...range),
    rawEnds: (partition) => of(partition).rawEnds(),
    changeEnds: (partition, type) => of(partition).changeEnds(partition, type),
    readChanges: (partition, ...range) => of(partition).readChanges(partition, ...range),
    fenceRaw: (partition, ...fence) => of(partition).fenceRaw(partition, ...fence),
    fenceChange: (partition, ...fence) => of(partition).fenceChange(partition, ...fence),
    emit: (partition, changes) => of(partition).emit(partition, changes),
    emitWatermarks: (partition, watermarks) => of(partition).emitWatermarks(partition, watermarks),
    report: (reports) => of(0).report(reports),
  };
  return {
    logs,
    async appendRaw(partition, messages) {
      of(partition).append(...messages);
    },
    async cutRaw(partition, below) {
      const log = of(partition);
      log.raw.splice(0, Number(below - log.rawStart));
      log.rawStart = below;
    },
    reports: async () => of(0).reports,
    close: async () => undefined,
  };
}

describe('the logs in memory', () => {
  contractOfLogs(open);
});
