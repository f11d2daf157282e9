import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeDeadLetter, encodeRawMessage, topicNames, topicSpecs, type DeadLetter } from '#contracts';
import { KafkaConnection, LogReader, NamespaceWipe, TopicRegistry } from '#kafka';
import { Metrics } from '#service';
import { RawDecoder } from './raw-decoder.publisher.js';
import { ReconcilerConfig } from './reconciler.config.js';

const config = new ReconcilerConfig();
const topics = topicNames((config.ROLLCALL_NAMESPACE = `spec_${randomUUID().slice(0, 8)}`));
let connection: KafkaConnection;
let reader: LogReader;
let decoder: RawDecoder;

beforeAll(async () => {
  if (!process.env['KAFKA_BROKERS']) throw new Error('KAFKA_BROKERS names no broker for this spec.');
  config.KAFKA_BROKERS = process.env['KAFKA_BROKERS'].split(',');
  connection = new KafkaConnection({ brokers: config.KAFKA_BROKERS, clientId: 'spec' });
  const registry = new TopicRegistry(connection);
  await registry.ensure(topicSpecs(config.ROLLCALL_NAMESPACE, 1));
  await registry.close();
  reader = new LogReader(connection);
  decoder = new RawDecoder(connection, config, new Metrics('spec'));
  await decoder.onModuleInit();
});

afterAll(async () => {
  await Promise.all([reader.close(), decoder.onApplicationShutdown()]);
  const { raw, reports, deadLetters, snapshots, changes } = topics;
  const all = [raw, reports, deadLetters, snapshots, ...Object.values(changes)];
  await new NamespaceWipe(connection).wipe({ topics: all, groupPrefix: 'none' });
});

async function letters(): Promise<readonly DeadLetter[]> {
  const { start, end } = await reader.ends(topics.deadLetters, 0);
  const all: DeadLetter[] = [];
  for await (const batch of reader.read(topics.deadLetters, 0, start, end)) {
    for (const { value } of batch) if (value !== null) all.push(decodeDeadLetter(value));
  }
  return all;
}

const good = (offset: bigint) => ({
  offset,
  key: null,
  timestamp: 0,
  value: encodeRawMessage({ kind: 'ask', nonce: 'n' }),
});
const bad = (offset: bigint, text: string) => ({ offset, key: null, timestamp: 0, value: Buffer.from(text) });
const offsetsOf = (found: readonly DeadLetter[]) =>
  found.map(({ origin }) => (origin.kind === 'message' ? origin.offset : origin.kind));

describe('raw messages that cannot be read', () => {
  it('are passed over, each with a dead letter, however often their batch comes again', async () => {
    const batch = [good(4n), bad(5n, 'x'), bad(6n, 'y'), good(7n)];
    const placed = await decoder.decode(0, batch);
    expect(placed.map(({ message }) => message?.kind ?? null)).toEqual(['ask', null, null, 'ask']);
    expect(offsetsOf(await letters())).toEqual(['5', '6']);
    await decoder.decode(0, batch);
    await decoder.decode(0, batch.slice(1));
    expect(offsetsOf(await letters())).toEqual(['5', '6']);
  });

  it('have one of their own in another log and in another partition, at whatever offset', async () => {
    const before = (await letters()).length;
    await decoder.decode(0, [bad(5n, 'of a log made anew'), bad(6n, 'y')]);
    await decoder.decode(1, [bad(5n, 'x')]);
    expect(offsetsOf((await letters()).slice(before))).toEqual(['5', '5']);
  });
});
