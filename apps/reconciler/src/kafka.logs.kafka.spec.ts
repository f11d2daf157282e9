import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topicNames, topicSpecs, type Change } from '#contracts';
import { KafkaConnection, NamespaceWipe, OffsetOutOfRangeError, TopicRegistry } from '#kafka';
import { Metrics } from '#service';
import { DISTRICT, rawRecord } from '../test/district.fixture.js';
import { KafkaLogs } from './kafka.logs.js';
import { RawDecoder } from './raw-decoder.publisher.js';
import type { LoggedChange } from './reconciliation/ports.js';
import { ReconcilerConfig } from './reconciler.config.js';

const P = 1;
const config = new ReconcilerConfig();
config.KAFKA_BROKERS = (process.env['KAFKA_BROKERS'] ?? '').split(',');
config.ROLLCALL_NAMESPACE = `spec_${randomUUID().slice(0, 8)}`;
const connection = new KafkaConnection({ brokers: config.KAFKA_BROKERS, clientId: 'spec' });
const metrics = new Metrics('spec');
const decoder = new RawDecoder(connection, config, metrics);
const logs = new KafkaLogs(connection, config, metrics, decoder);

beforeAll(async () => {
  if (!process.env['KAFKA_BROKERS']) throw new Error('KAFKA_BROKERS names no broker for this spec.');
  const registry = new TopicRegistry(connection);
  await registry.ensure(topicSpecs(config.ROLLCALL_NAMESPACE, 2));
  await registry.close();
  await Promise.all([decoder.onModuleInit(), logs.onModuleInit()]);
}, 60_000);

afterAll(async () => {
  await Promise.all([logs.onApplicationShutdown(), decoder.onApplicationShutdown()]);
  const { raw, reports, deadLetters, snapshots, changes } = topicNames(config.ROLLCALL_NAMESPACE);
  const topics = [raw, reports, deadLetters, snapshots, ...Object.values(changes)];
  await new NamespaceWipe(connection).wipe({ topics, groupPrefix: `${config.ROLLCALL_NAMESPACE}.` });
}, 60_000);

function changeOf(gg4lId: string, verb: Change['verb']): Change {
  const { fingerprint, schoolHash, body } = rawRecord(gg4lId, 'v1', 'north');
  const of = { districtId: DISTRICT, entityType: 'users', gg4lId, verb, generation: 10, epoch: 1 } as const;
  const time = '2024-08-01T06:00:00.000Z';
  return { ...of, time, fingerprint, schoolHash, ...(verb === 'archived' ? { cause: 'absent' } : { body }) };
}

async function changesIn(from: bigint, to: bigint): Promise<LoggedChange[]> {
  const messages: LoggedChange[] = [];
  for await (const batch of logs.readChanges(P, 'users', from, to)) messages.push(...batch);
  return messages;
}

describe('the logs in Kafka', () => {
  it('give back events, watermarks and fences of one partition of one type, in order', async () => {
    const start = await logs.changeEnds(P, 'users');
    expect(start.start).toBe(start.end);
    await logs.emit(P, [
      changeOf('ada', 'created'),
      { ...changeOf('math', 'created'), entityType: 'courses' },
    ]);
    await logs.emit(P, [changeOf('ben', 'archived')]);
    await logs.emit(0, [changeOf('elsewhere', 'created')]);
    const line = {
      districtId: DISTRICT,
      entityType: 'users',
      partition: P,
      generation: 10,
      epoch: 1,
    } as const;
    await logs.emitWatermarks(P, [{ ...line, time: '', active: 1, xor: '0000000000000000' }]);
    const fencedAt = await logs.fenceChange(P, 'users', 2, 'me.1');
    const { end } = await logs.changeEnds(P, 'users');
    expect(fencedAt).toBe(end - 1n);
    const messages = await changesIn(start.end, end);
    expect(
      messages.map((message) => (message.kind === 'change' ? [message.verb, message.gg4lId] : message.kind)),
    ).toEqual([['created', 'ada'], ['archived', 'ben'], 'watermark', 'fence']);
    expect(messages.at(-1)).toEqual({ kind: 'fence', offset: fencedAt, epoch: 2, author: 'me.1' });
    expect(await changesIn(start.end + 1n, fencedAt)).toEqual(messages.slice(1, 3));
    expect(await changesIn(-5n, start.end + 1n)).toEqual(messages.slice(0, 1));
  });

  it('tell the offset of a raw fence, and read it there', async () => {
    const fencedAt = await logs.fenceRaw(P, 3, 'me.1');
    const { end } = await logs.rawEnds(P);
    expect(end).toBe(fencedAt + 1n);
    const placed = [];
    for await (const batch of logs.readRaw(P, fencedAt, end)) placed.push(...batch);
    expect(placed).toEqual([{ offset: fencedAt, message: { kind: 'fence', epoch: 3, author: 'me.1' } }]);
  });

  it('throw where a raw range is outside the log', async () => {
    const { end } = await logs.rawEnds(P);
    const read = async () => {
      for await (const batch of logs.readRaw(P, end + 5n, end + 6n)) expect(batch).toEqual([]);
    };
    await expect(read()).rejects.toThrow(OffsetOutOfRangeError);
  });
});
