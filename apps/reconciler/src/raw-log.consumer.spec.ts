import { beforeEach, describe, expect, it } from '@jest/globals';
import { encodeRawMessage } from '#contracts';
import { KafkaConnection, type BatchContext, type LogBatch } from '#kafka';
import { Metrics, ServiceLog } from '#service';
import { MemoryLogs } from '../test/memory.logs.js';
import { MemoryRosterIndex } from '../test/memory.roster-index.js';
import { RawDecoder } from './raw-decoder.publisher.js';
import { RawLogConsumer } from './raw-log.consumer.js';
import { ReconcilerConfig } from './reconciler.config.js';

let metrics: Metrics;
let index: MemoryRosterIndex;
let logs: MemoryLogs;
let consumer: RawLogConsumer;

beforeEach(() => {
  metrics = new Metrics('reconciler');
  index = new MemoryRosterIndex();
  logs = new MemoryLogs();
  const connection = new KafkaConnection({ brokers: ['127.0.0.1:1'], clientId: 'spec' });
  const decoder = new RawDecoder(connection, new ReconcilerConfig(), metrics);
  const log = new ServiceLog('reconciler', 'info', () => undefined);
  consumer = new RawLogConsumer(index as never, logs as never, decoder, log, metrics);
});

describe('a partition that stopped itself', () => {
  it('is paused, and shown until it is handed to another', async () => {
    const paused: number[] = [];
    for (const partition of [0, 1]) {
      const stopping = { ...contextOf(), pause: () => void paused.push(partition) };
      await consumer.handle(asks(partition, [7n, 7n]), stopping);
    }
    expect(paused).toEqual([0, 1]);
    expect(await shown('rollcall_partition_stopped')).toEqual(['partition="0" 1', 'partition="1" 1']);
    consumer.assigned([1, 2]);
    expect(await shown('rollcall_partition_stopped')).toEqual(['partition="0" 0', 'partition="1" 1']);
    consumer.assigned([0, 1, 2]);
    expect(await shown('rollcall_partition_stopped')).toEqual(['partition="0" 0', 'partition="1" 1']);
  });
});

describe('the rebuilds that are counted', () => {
  it('as ended are those whose position was set', async () => {
    const install = index.install.bind(index);
    index.install = async () => {
      index.install = install;
      return false;
    };
    logs.append({ kind: 'ask', nonce: 'nonce' });
    await consumer.handle(asks(0, [0n]), contextOf());
    expect((await index.read(0, [], [])).position?.epoch).toBe(2);
    expect(await shown('rollcall_rebuilds_total')).toEqual(['event="rebuilding" 2', 'event="rebuilt" 1']);
  });
});

function asks(partition: number, offsets: readonly bigint[]): LogBatch {
  const value = encodeRawMessage({ kind: 'ask', nonce: 'nonce' });
  const messages = offsets.map((offset) => ({ offset, key: null, value, timestamp: 0 }));
  return { topic: 'raw', partition, messages, highWatermark: logs.rawEnd };
}

/** Alive until it is sent elsewhere. */
function contextOf(): BatchContext {
  let live = true;
  return {
    heartbeat: async () => undefined,
    isLive: () => live,
    commit: async () => undefined,
    seek: () => void (live = false),
    pause: () => undefined,
  };
}

async function shown(name: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines.map((line) => line.replace(/^.*\{(.*),service="reconciler"\}/, '$1')).sort();
}
