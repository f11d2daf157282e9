/* Persister and reconciler on a namespace of their own, and change topics that a spec writes by itself. */
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, RESP_TYPES } from 'redis';
import type { INestApplication } from '@nestjs/common';
import {
  encodeChange,
  encodeRawMessage,
  NO_SCHOOL,
  partitionOf,
  recordHash,
  topicNames,
  topicSpecs,
  type ChangeVerb,
  type EntityType,
} from '#contracts';
import { ensureTopics, KafkaConnection, LogPublisher, NamespaceWipe } from '#kafka';
import { readRecord } from '#oneroster';
import { ServiceLog, startService } from '#service';
import { PersisterConfig } from '../../apps/persister/src/persister.config.js';
import { PERSISTER } from '../../apps/persister/src/persister.service.js';
import { dropNamespace, scratchNamespace } from '../../apps/persister/src/roster-store/scratch-roster.js';
import { ReconcilerConfig } from '../../apps/reconciler/src/reconciler.config.js';
import { RECONCILER } from '../../apps/reconciler/src/reconciler.service.js';
import { Stores, StoresConfig } from './stores.js';

type SpecRedis = ReturnType<typeof createClient>;

const PARTITIONS = 2;
const WITHIN_MS = 45_000;

export interface GroundChange {
  readonly verb: ChangeVerb;
  readonly id: string;
  readonly generation: number;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export class SpecGround {
  private readonly apps: INestApplication[] = [];

  private constructor(
    readonly namespace: string,
    readonly stores: Stores,
    private readonly redis: SpecRedis,
    private readonly connection: KafkaConnection,
  ) {}

  static async open(): Promise<SpecGround> {
    const namespace = scratchNamespace();
    const config = configured(new StoresConfig(), namespace);
    config.DATABASE_URL = setting('DATABASE_URL');
    config.REDIS_URL = setting('REDIS_URL');
    const connection = new KafkaConnection({
      brokers: config.KAFKA_BROKERS,
      clientId: 'spec',
      log: () => undefined,
    });
    await ensureTopics(connection, topicSpecs(namespace, PARTITIONS));
    const client: unknown = createClient({ url: config.REDIS_URL });
    const redis = client as SpecRedis;
    await redis.connect();
    const ground = new SpecGround(namespace, await Stores.open(config), redis, connection);
    const persister = configured(new PersisterConfig(), namespace);
    persister.DATABASE_URL = config.DATABASE_URL;
    const reconciler = configured(new ReconcilerConfig(), namespace);
    reconciler.REDIS_URL = config.REDIS_URL;
    ground.apps.push(await startService(PERSISTER, persister, new ServiceLog('persister', 'error')));
    ground.apps.push(await startService(RECONCILER, reconciler, new ServiceLog('reconciler', 'error')));
    return ground;
  }

  async close(): Promise<void> {
    for (const app of this.apps) await app.close();
    await this.stores.close();
    for await (const keys of this.redis.scanIterator({ MATCH: `${this.namespace}:*` })) {
      if (keys.length > 0) await this.redis.unlink(keys);
    }
    this.redis.destroy();
    const topics = topicSpecs(this.namespace, 1).map(({ topic }) => topic);
    await new NamespaceWipe(this.connection).wipe({ topics, groupPrefix: `${this.namespace}.` });
    await dropNamespace(this.namespace);
  }

  partitionOf(type: EntityType, id: string): number {
    return partitionOf(recordHash('d', type, id), PARTITIONS);
  }

  async publish(type: EntityType, ...changes: GroundChange[]): Promise<void> {
    const publisher: LogPublisher = this.stores.publisher;
    const epochs = await Promise.all(this.stores.partitions.map((one) => this.stores.index.epoch(one)));
    const messages = changes.map((change) => {
      const partition = this.partitionOf(type, change.id);
      return { partition, ...encode(type, change, epochs[partition] ?? 1) };
    });
    await publisher.publish(topicNames(this.namespace).changes[type], messages);
  }

  /** An ASK: what wakes a partition, which rebuilds if it has no index. */
  async wake(): Promise<void> {
    const value = encodeRawMessage({ kind: 'ask', nonce: 'n' });
    for (const partition of this.stores.partitions) {
      await this.stores.publisher.append(this.stores.topics.raw, { partition, key: null, value });
    }
    await until('every partition has an index', async () => {
      const epochs = await Promise.all(this.stores.partitions.map((one) => this.stores.index.epoch(one)));
      return epochs.every((epoch) => epoch !== null);
    });
  }

  async query(text: string): Promise<readonly Record<string, unknown>[]> {
    return this.stores.database.transaction(async (statements) => {
      const { rows } = await statements.query<Record<string, unknown>>(text);
      return rows;
    });
  }

  async indexKey(type: EntityType, id: string): Promise<string> {
    const partition = this.partitionOf(type, id);
    const epoch = await this.stores.index.epoch(partition);
    return `${this.namespace}:{${partition}}:e${String(epoch)}:d:${type}:index`;
  }

  /** Puts something else in the place of an entry; null takes it away. */
  async spoilEntry(type: EntityType, id: string, spoil: ((entry: Buffer) => Buffer) | null): Promise<void> {
    const key = await this.indexKey(type, id);
    const inBytes = this.redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    const entry = await inBytes.hGet(key, id);
    if (entry === null) throw new Error('there is no such entry');
    await this.redis.hDel(key, id);
    if (spoil !== null) await this.redis.hSet(key, id, spoil(Buffer.from(entry)));
  }

  /** Counts one record more in the sum of the place that an id lies in. */
  async spoilDigest(type: EntityType, id: string): Promise<void> {
    const epoch = await this.stores.index.epoch(this.partitionOf(type, id));
    const key = `${this.namespace}:{${this.partitionOf(type, id)}}:e${String(epoch)}:d:digest`;
    if ((await this.redis.exists(key)) === 0) throw new Error('there is no such sum');
    await this.redis.hIncrBy(key, `${type}.active`, 1);
  }
}

export async function until(
  what: string,
  holds: () => Promise<boolean>,
  withinMs = WITHIN_MS,
): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(50);
  }
}

function encode(type: EntityType, { verb, id, generation, attributes = {} }: GroundChange, epoch: number) {
  const reading = readRecord(type, { ...attributes, sourcedId: id });
  if (reading.kind !== 'record') throw new Error('a spec makes good records');
  return encodeChange({
    districtId: 'd',
    entityType: type,
    gg4lId: id,
    verb,
    generation,
    epoch,
    time: new Date(generation * 1000).toISOString(),
    fingerprint: reading.fingerprint,
    schoolHash: NO_SCHOOL,
    ...(verb === 'archived' ? { cause: 'absent' } : { body: reading.canonical }),
  });
}

function configured<C extends StoresConfig | PersisterConfig | ReconcilerConfig>(
  config: C,
  namespace: string,
): C {
  config.KAFKA_BROKERS = setting('KAFKA_BROKERS').split(',');
  config.ROLLCALL_NAMESPACE = namespace;
  config.ROLLCALL_PARTITIONS = PARTITIONS;
  return config;
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must name a server to test with`);
  return value;
}
