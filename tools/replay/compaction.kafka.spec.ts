import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  changeKey,
  decodeChangeKey,
  encodeRawMessage,
  encodeWatermark,
  topicSpecs,
  watermarkTerm,
  XorSum,
} from '#contracts';
import { readRecord } from '#oneroster';
import { RosterConsumer, MemoryState } from '#roster-consumer';
import { Health, ServiceLog } from '#service';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { PersisterConfig } from '../../apps/persister/src/persister.config.js';
import { RosterDatabase } from '../../apps/persister/src/roster-store/roster-database.js';
import { PostgresRosterStore } from '../../apps/persister/src/roster-store/roster.store.js';
import { dropNamespace, scratchNamespace } from '../../apps/persister/src/roster-store/scratch-roster.js';
import { WatermarkStore } from '../../apps/persister/src/roster-store/watermark.store.js';
import { SpecGround, until, type GroundChange } from '../verify/spec-ground.js';
import { Verification } from '../verify/verification.js';
import { Replay } from './replay.js';

/** A broker looks for what can be cleaned every 15 s, and drops a tombstone in a later round than what is behind it. */
const COMPACTED_WITHIN_MS = 110_000;
const STAYS = Array.from({ length: 20 }, (_, at) => `u-${at}`);
const named = (username: string) => ({ attributes: { username } });
/** As a reconciler would have written them over four runs. */
const RUNS: readonly (readonly GroundChange[])[] = [
  [...STAYS, 'left', 'back', 'erased', 'purged', 'anew'].map((id) => ({
    ...{ verb: 'created', id, generation: 1 },
    ...named('first'),
  })),
  STAYS.map((id) => ({ verb: 'updated', id, generation: 2, ...named('second') })),
  ['left', 'back', 'purged', 'anew'].map((id) => ({
    ...{ verb: 'archived', id, generation: 3 },
    ...named('first'),
  })),
  [{ verb: 'restored', id: 'back', generation: 4, ...named('again') }],
];
const FORGOTTEN = ['erased', 'purged', 'anew'];
const ANEW: GroundChange = { verb: 'created', id: 'anew', generation: 5, ...named('anew') };
const ACTIVE: readonly (readonly [id: string, username: string])[] = [
  ...STAYS.map((id) => [id, 'second'] as const),
  ['back', 'again'],
  ['anew', 'anew'],
];
/** What a newcomer can know: of an archived record compaction leaves the archive, which has no record. */
const ROWS = `select gg4l_id, generation, archived_at, archive_cause, partition, log_offset, fingerprint,
  case when archived_at is null then username end as username from roster.users where district_id = 'd' order by 1`;

/** The product's own topics and services; only the lags after which Kafka cleans up are tiny. */
describe('after compaction', () => {
  let ground: SpecGround;
  let kafka: Kafka;
  beforeAll(async () => {
    ground = await SpecGround.open();
    const { KAFKA_BROKERS: brokers } = ground.stores.config;
    kafka = new Kafka({ brokers: [...brokers], clientId: 'compaction', logLevel: logLevel.ERROR });
    for (const changes of RUNS) await ground.publish('users', ...changes);
    for (const id of FORGOTTEN) {
      const message = { partition: ground.partitionOf('users', id), key: changeKey('d', 'users', id) };
      await ground.stores.publisher.publish(topic(), [{ ...message, value: null }]);
    }
    await ground.publish('users', ANEW);
    await publishWatermarks('d', 5);
    await until('everything is read', async () => {
      const rows = await ground.query(`select from roster.watermarks where district_id = 'd'`);
      return rows.length === ground.stores.partitions.length;
    });
    await ground.wake();
  });
  afterAll(() => ground.close());

  const topic = () => ground.stores.topics.changes.users;

  async function publishWatermarks(districtId: string, generation: number): Promise<void> {
    for (const partition of ground.stores.partitions) {
      const sum = new XorSum();
      for (const [id, username] of districtId === 'd' ? ACTIVE : []) {
        const reading = readRecord('users', { username, sourcedId: id });
        if (reading.kind !== 'record' || ground.partitionOf('users', id) !== partition) continue;
        sum.add(watermarkTerm(id, reading.fingerprint));
      }
      const place = { districtId, entityType: 'users', partition, generation, epoch: 1 } as const;
      const time = new Date(generation * 1000).toISOString();
      const message = encodeWatermark({ ...place, time, active: sum.count, xor: sum.hex });
      await ground.stores.publisher.append(topic(), { partition, ...message });
    }
  }

  async function compactAtOnce(): Promise<void> {
    const product = topicSpecs(ground.namespace, 1).find((spec) => spec.topic === topic())?.config ?? {};
    const tiny = {
      ...{ 'min.compaction.lag.ms': '0', 'max.compaction.lag.ms': '1', 'delete.retention.ms': '0' },
      ...{ 'segment.ms': '50', 'min.cleanable.dirty.ratio': '0.01' },
    };
    const configEntries = Object.entries({ ...product, ...tiny }).map(([name, value]) => ({ name, value }));
    const admin = kafka.admin();
    await admin.connect();
    const resource = { type: ConfigResourceTypes.TOPIC, name: topic(), configEntries };
    await admin.alterConfigs({ validateOnly: false, resources: [resource] });
    await admin.disconnect();
  }

  /** Of each record how many messages with and without a value are left. */
  async function left(): Promise<ReadonlyMap<string, { values: number; tombstones: number }>> {
    const found = new Map<string, { values: number; tombstones: number }>();
    for (const partition of ground.stores.partitions) {
      const { start, end } = await ground.stores.reader.ends(topic(), partition);
      for await (const messages of ground.stores.reader.read(topic(), partition, start, end)) {
        for (const { key, value } of messages) {
          const id = decodeChangeKey(key?.toString() ?? '')?.gg4lId;
          if (id === undefined) continue;
          const counted = found.get(id) ?? { values: 0, tombstones: 0 };
          found.set(id, counted);
          counted[value === null ? 'tombstones' : 'values'] += 1;
        }
      }
    }
    return found;
  }

  /** A segment is closed by the next message behind its time; another district's watermark is one. */
  async function untilCompacted(): Promise<void> {
    let generation = 0;
    await until(
      'Kafka has compacted, and dropped the tombstones',
      async () => {
        await publishWatermarks('another', (generation += 1));
        const records = [...(await left()).values()];
        return records.every(({ values, tombstones }) => values === 1 && tombstones === 0);
      },
      COMPACTED_WITHIN_MS,
    );
  }

  async function indexed(): Promise<readonly object[]> {
    const entries: object[] = [];
    for (const partition of ground.stores.partitions) {
      const epoch = (await ground.stores.index.epoch(partition)) ?? 0;
      const place = { partition, epoch, districtId: 'd', entityType: 'users' } as const;
      entries.push({ partition, ...(await ground.stores.index.digest(place)) });
      for await (const records of ground.stores.index.records(place))
        for (const { gg4lId, entry } of records)
          entries.push({
            ...{ gg4lId, ...entry, fingerprint: entry.fingerprint.toString('hex') },
            // An archive says nothing of the attributes.
            digests: entry.status === 'archived' ? 'not told' : entry.digests.toString('hex'),
          });
    }
    return entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  it('nothing is left of what a tombstone stands before, and of every other record one message', async () => {
    expect((await left()).get('u-0')).toEqual({ values: 2, tombstones: 0 });
    expect((await left()).get('erased')).toEqual({ values: 1, tombstones: 1 });
    await compactAtOnce();
    await untilCompacted();
    expect([...(await left()).keys()].sort()).toEqual([...STAYS, 'anew', 'back', 'left'].sort());
  }, 120_000);

  it('a newcomer ends with the rows and digests of one who read everything', async () => {
    const namespace = scratchNamespace();
    const { config, reader, partitions } = ground.stores;
    const own = Object.assign(new PersisterConfig(), config, { ROLLCALL_NAMESPACE: namespace });
    const database = new RosterDatabase(own, new ServiceLog('spec', 'error'), new Health());
    try {
      await database.onModuleInit();
      const [store, watermarks] = [new PostgresRosterStore(database), new WatermarkStore(database, own)];
      const replay = new Replay(reader, store, watermarks);
      for (const partition of partitions) {
        const replayed = await replay.run({ topic: topic(), entityType: 'users', partition });
        expect(replayed).toMatchObject({ drifted: [], unusable: 0 });
        const everything = await new PostgresRosterStore(ground.stores.database).digest(
          'd',
          'users',
          partition,
        );
        expect(await store.digest('d', 'users', partition)).toEqual(everything);
      }
      const rows = await database.read(ROWS, []);
      expect(rows).toEqual(await ground.query(ROWS));
      expect(rows).toHaveLength(STAYS.length + 3);
    } finally {
      await database.onApplicationShutdown();
      await dropNamespace(namespace);
    }
  });

  it('a newcomer with the kit knows the same records, and is complete', async () => {
    const state = new MemoryState();
    const drifts: unknown[] = [];
    const completed = new Map<string, number>();
    const consumer = new RosterConsumer({
      kafka: { brokers: ground.stores.config.KAFKA_BROKERS, clientId: 'newcomer', log: () => undefined },
      groupId: `${ground.namespace}.newcomer`,
      namespace: ground.namespace,
      handlers: { users: {} },
      state,
      onComplete: ({ districtId, generation }) => void completed.set(districtId, generation),
      onDrift: (drift) => void drifts.push(drift),
    });
    const run = consumer.run();
    await until('it is complete', async () => completed.get('d') === 5);
    consumer.stop();
    await run;
    expect(drifts).toEqual([]);
    for (const { gg4l_id, partition, generation, archived_at } of await ground.query(ROWS)) {
      const [record] = await state.find('users', Number(partition), [
        { districtId: 'd', gg4lId: String(gg4l_id) },
      ]);
      expect(record).toMatchObject({ generation: Number(generation), active: archived_at === null });
    }
    for (const id of ['erased', 'purged']) {
      const key = [{ districtId: 'd', gg4lId: id }];
      expect(await state.find('users', ground.partitionOf('users', id), key)).toEqual([undefined]);
    }
  });

  it('an index that is folded anew is the one that was folded from everything', async () => {
    const before = await indexed();
    const epochs = await Promise.all(ground.stores.partitions.map((one) => ground.stores.index.epoch(one)));
    for (const [partition, epoch] of epochs.entries()) {
      const value = encodeRawMessage({ kind: 'fence', epoch: (epoch ?? 0) + 1, author: 'spec' });
      await ground.stores.publisher.append(ground.stores.topics.raw, { partition, key: null, value });
    }
    await until('every index is folded anew', async () => {
      const now = await Promise.all(ground.stores.partitions.map((one) => ground.stores.index.epoch(one)));
      return now.every((epoch, at) => (epoch ?? 0) > (epochs[at] ?? 0));
    });
    expect(await indexed()).toEqual(before);
    expect((await new Verification(ground.stores).deep('users')).differences).toEqual([]);
  });
});
