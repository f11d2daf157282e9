import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decodeDeadLetter,
  decodeRawMessage,
  decodeReport,
  NO_SCHOOL,
  topicNames,
  topicSpecs,
  type RawMessage,
} from '#contracts';
import { KafkaConnection, LogPublisher, LogReader, TopicRegistry } from '#kafka';
import { RawRecordPublisher } from './raw-record.publisher.js';

const brokers = process.env['KAFKA_BROKERS'];
if (!brokers) throw new Error('KAFKA_BROKERS must be set');
const namespace = `t${randomUUID().replaceAll('-', '').slice(0, 16)}`;
const topics = topicNames(namespace);
const connection = new KafkaConnection({ brokers: brokers.split(','), clientId: 'fetcher-spec' });
const publisher = new LogPublisher(connection);
const reader = new LogReader(connection);

beforeAll(async () => {
  const registry = new TopicRegistry(connection);
  await registry.ensure(topicSpecs(namespace, 3)).finally(() => registry.close());
  await publisher.connect();
});

afterAll(async () => {
  await publisher.close();
  await reader.close();
});

async function valuesOf(topic: string, partition: number): Promise<Buffer[]> {
  const { start, end } = await reader.ends(topic, partition);
  const values: Buffer[] = [];
  for await (const batch of reader.read(topic, partition, start, end)) {
    for (const { value } of batch) if (value !== null) values.push(value);
  }
  return values;
}

describe('the raw log on Kafka', () => {
  it('holds each message in its partition, in order, as it was sent', async () => {
    const run = { districtId: 'd1', generation: 7 };
    const body = Buffer.from('{"sourcedId":"a"}');
    const record = { gg4lId: 'a', fingerprint: Buffer.alloc(16, 1), withdrawn: false, quarantined: false };
    const records = [{ ...record, schoolHash: NO_SCHOOL, dateLastModified: '', body }];
    const messages: RawMessage[] = [
      { kind: 'begin', ...run, openedAt: '2026-01-01T00:00:00Z', refresh: [] },
      { kind: 'records', ...run, entityType: 'users', records },
      { kind: 'end', ...run, types: { users: { count: 1, xor: '0000000000000001' } } },
    ];
    const counted: unknown[] = [];
    const log = new RawRecordPublisher(publisher, namespace, {
      records: (type, count) => counted.push([type, count]),
      deadLetters: () => undefined,
    });
    await log.append(messages.map((message) => ({ partition: 2, message })));
    expect((await valuesOf(topics.raw, 2)).map(decodeRawMessage)).toEqual(messages);
    expect(await valuesOf(topics.raw, 0)).toEqual([]);
    expect(counted).toEqual([['users', 1]]);
  });

  it('has reports and dead letters beside it', async () => {
    const counted: unknown[] = [];
    const log = new RawRecordPublisher(publisher, namespace, {
      records: () => undefined,
      deadLetters: (type, count) => counted.push([type, count]),
    });
    const report = { kind: 'read', districtId: 'd1', generation: 7 } as const;
    await log.report(report);
    expect((await valuesOf(topics.reports, 0)).map(decodeReport)).toEqual([report]);
    const origin = { kind: 'row', districtId: 'd1', generation: 7, entityType: 'users', row: 3 } as const;
    const contents = Buffer.from('{}');
    await log.deadLetters([
      { origin, service: 'fetcher', reason: 'no usable sourcedId', contents, at: 'now' },
    ]);
    const [letter] = (await valuesOf(topics.deadLetters, 0)).map(decodeDeadLetter);
    expect(counted).toEqual([['users', 1]]);
    expect(letter).toMatchObject({ origin, reason: 'no usable sourcedId', contentsBytes: 2 });
  });
});
