/*
 * How long a rebuild takes: writes so many change events (default a million) over twelve partitions, then rebuilds all
 * of them from nothing. Needs KAFKA_BROKERS and REDIS_URL, works in a namespace of its own, and removes it.
 * Prints one JSON line: seconds, its own CPU seconds, events per second, peak memory, and whether every id is there.
 */
import { randomUUID } from 'node:crypto';
import {
  ENTITY_TYPES,
  hash64,
  NO_SCHOOL,
  partitionOf,
  recordHash,
  topicNames,
  topicSpecs,
  type Change,
  type EntityType,
} from '#contracts';
import { KafkaConnection, NamespaceWipe, TopicRegistry } from '#kafka';
import { Metrics } from '#service';
import { createClient } from 'redis';
import { KafkaLogs } from '../src/kafka.logs.js';
import { RawDecoder } from '../src/raw-decoder.publisher.js';
import { PartitionLoop } from '../src/reconciliation/partition-loop.js';
import type { LoopPorts, Turn } from '../src/reconciliation/ports.js';
import { ReconcilerConfig } from '../src/reconciler.config.js';
import { RedisRosterIndex } from '../src/roster-index/redis.roster-index.js';

const PARTITIONS = 12;
/** As many as the reconciler works on at once. */
const AT_ONCE = 4;
const DISTRICTS = 20;
/** What a district's roster is made of, in percent. */
const SHARES: Readonly<Record<EntityType, number>> = {
  orgs: 1,
  academicSessions: 1,
  courses: 2,
  classes: 6,
  users: 20,
  demographics: 10,
  enrollments: 60,
};
const BODY_BYTES = 600;
const WRITTEN_AT_ONCE = 2_000;

const records = Number(process.argv[2] ?? '1000000');
const config = new ReconcilerConfig();
config.KAFKA_BROKERS = setting('KAFKA_BROKERS').split(',');
config.REDIS_URL = setting('REDIS_URL');
config.ROLLCALL_NAMESPACE = `bench_${randomUUID().slice(0, 8)}`;
const topics = topicNames(config.ROLLCALL_NAMESPACE);
const connection = new KafkaConnection({ brokers: config.KAFKA_BROKERS, clientId: 'rebuild-bench' });
const metrics = new Metrics('rebuild-bench');
const decoder = new RawDecoder(connection, config, metrics);
const logs = new KafkaLogs(connection, config, metrics, decoder);
const index = new RedisRosterIndex(config.REDIS_URL, config.ROLLCALL_NAMESPACE);

await prepare();
try {
  await write();
  process.stdout.write(`${JSON.stringify(await measure())}\n`);
} finally {
  await remove();
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: a rebuild is measured on a real broker and a real Redis`);
  return value;
}

async function prepare(): Promise<void> {
  const registry = new TopicRegistry(connection);
  await registry.ensure(topicSpecs(config.ROLLCALL_NAMESPACE, PARTITIONS));
  await registry.close();
  await Promise.all([decoder.onModuleInit(), logs.onModuleInit(), index.connect()]);
}

async function write(): Promise<void> {
  for (const entityType of ENTITY_TYPES) {
    const count = Math.round((records * SHARES[entityType]) / 100);
    let waiting: Change[][] = Array.from({ length: PARTITIONS }, () => []);
    for (let at = 0; at < count; at += 1) {
      const change = changeOf(entityType, at);
      const hash = recordHash(change.districtId, entityType, change.gg4lId);
      waiting[partitionOf(hash, PARTITIONS)]?.push(change);
      if (at % (WRITTEN_AT_ONCE * PARTITIONS) !== 0 && at !== count - 1) continue;
      await Promise.all(waiting.map((changes, partition) => logs.emit(partition, changes)));
      waiting = waiting.map(() => []);
    }
  }
}

function changeOf(entityType: EntityType, at: number): Change {
  const districtId = `district-${at % DISTRICTS}`;
  const gg4lId = `${hash64(`${entityType} ${at}`).toString('hex')}-${at}`;
  const body = Buffer.from(
    JSON.stringify({ extensions: { content: 'x'.repeat(BODY_BYTES) }, sourcedId: gg4lId }),
  );
  return {
    districtId,
    entityType,
    gg4lId,
    verb: 'created',
    generation: 1,
    epoch: 1,
    time: '2024-08-01T06:00:00.000Z',
    fingerprint: Buffer.concat([hash64(gg4lId), hash64(districtId)]),
    schoolHash: NO_SCHOOL,
    body,
  };
}

async function measure(): Promise<Record<string, unknown>> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const waiting = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 100);
  const ids: number[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      ids.push(await rebuild(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  clearInterval(watch);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const found = ids.reduce((sum, count) => sum + count, 0);
  return {
    records,
    seconds: Math.round(seconds * 10) / 10,
    cpuSeconds: Math.round((user + system) / 100_000) / 10,
    eventsPerSecond: Math.round(records / seconds),
    peakMegabytes: Math.round(peakBytes / 1_048_576),
    isWhole: found >= records * 0.999,
    ids: found,
  };
}

/** How many ids the rebuild of a partition installed. */
async function rebuild(partition: number): Promise<number> {
  let ids = 0;
  const note: LoopPorts['note'] = (event, fields) => {
    if (event === 'rebuilt' && fields['isInstalled'] === true) ids = Number(fields['ids']);
  };
  const ports: LoopPorts = { index, logs, clock: performance, failpoint: () => undefined, note };
  const loop = new PartitionLoop(partition, ports, randomUUID());
  let isLive = true;
  const turn: Turn = {
    heartbeat: async () => undefined,
    isLive: () => isLive,
    commit: async () => void (isLive = false),
    seek: () => undefined,
  };
  await loop.handle({ messages: [{ offset: 0n, message: { kind: 'ask', nonce: 'bench' } }], end: 1n }, turn);
  return ids;
}

async function remove(): Promise<void> {
  await Promise.all([logs.onApplicationShutdown(), decoder.onApplicationShutdown(), index.close()]);
  const names = [topics.raw, topics.reports, topics.deadLetters, topics.snapshots];
  const wipe = new NamespaceWipe(connection);
  await wipe.wipe({
    topics: [...names, ...Object.values(topics.changes)],
    groupPrefix: `${config.ROLLCALL_NAMESPACE}.`,
  });
  const client = createClient({ url: config.REDIS_URL });
  await client.connect();
  for await (const keys of client.scanIterator({ MATCH: `${config.ROLLCALL_NAMESPACE}:*`, COUNT: 1_000 })) {
    if (keys.length > 0) await client.unlink(keys);
  }
  await client.close();
}
