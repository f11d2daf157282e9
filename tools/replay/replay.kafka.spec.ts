import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeWatermark, watermarkTerm, XorSum } from '#contracts';
import { readRecord } from '#oneroster';
import { Health, ServiceLog } from '#service';
import pg from 'pg';
import { PersisterConfig } from '../../apps/persister/src/persister.config.js';
import { namespaceUrl } from '../../apps/persister/src/roster-store/migrate.js';
import { RemovalStore } from '../../apps/persister/src/roster-store/removal.store.js';
import { RosterDatabase } from '../../apps/persister/src/roster-store/roster-database.js';
import { PostgresRosterStore } from '../../apps/persister/src/roster-store/roster.store.js';
import { dropNamespace, scratchNamespace } from '../../apps/persister/src/roster-store/scratch-roster.js';
import { WatermarkStore } from '../../apps/persister/src/roster-store/watermark.store.js';
import { SpecGround, until } from '../verify/spec-ground.js';
import { Replay, type Replayed } from './replay.js';
import { replayTopics } from './replay-topics.js';

const IDS = Array.from({ length: 40 }, (_, at) => `u-${at}`);

describe('a replay of the change topics', () => {
  let ground: SpecGround;
  beforeAll(async () => {
    ground = await SpecGround.open();
    await ground.publish('users', ...IDS.map((id) => ({ verb: 'created', id, generation: 5 }) as const));
    await ground.publish('users', { verb: 'archived', id: 'u-0', generation: 6 });
    await publishWatermarks(IDS.slice(1), 6);
    await until(
      'the watermarks are passed',
      async () => (await ground.query('select from roster.watermarks')).length === 2,
    );
  });
  afterAll(() => ground.close());

  async function publishWatermarks(active: readonly string[], generation: number): Promise<void> {
    for (const partition of ground.stores.partitions) {
      const sum = new XorSum();
      for (const id of active) {
        const reading = readRecord('users', { sourcedId: id });
        if (reading.kind !== 'record' || ground.partitionOf('users', id) !== partition) continue;
        sum.add(watermarkTerm(id, reading.fingerprint));
      }
      const fields = { districtId: 'd', entityType: 'users', partition, generation, epoch: 1 } as const;
      const time = new Date(generation * 1000).toISOString();
      const message = encodeWatermark({ ...fields, time, active: sum.count, xor: sum.hex });
      await ground.stores.publisher.append(ground.stores.topics.changes.users, { partition, ...message });
    }
  }

  function replayInto(database: RosterDatabase): Promise<readonly Replayed[]> {
    const { reader, topics, partitions, config } = ground.stores;
    const replay = new Replay(
      reader,
      new PostgresRosterStore(database),
      new WatermarkStore(database, config),
    );
    const place = { topic: topics.changes.users, entityType: 'users' } as const;
    return Promise.all(partitions.map((partition) => replay.run({ ...place, partition })));
  }

  const sum = (replayed: readonly Replayed[], of: 'written' | 'passed') =>
    replayed.reduce((total, one) => total + one[of], 0);
  const rows = 'select gg4l_id, generation, archived_at, partition, fingerprint from roster.users order by 1';

  it('changes nothing of tables that hold all of it', async () => {
    const before = await ground.query('select *, xmin::text from roster.users order by gg4l_id');
    const replayed = await replayInto(ground.stores.database);
    expect([sum(replayed, 'written'), sum(replayed, 'passed')]).toEqual([0, 2]);
    expect(replayed.flatMap(({ drifted }) => drifted)).toEqual([]);
    expect(await ground.query('select *, xmin::text from roster.users order by gg4l_id')).toEqual(before);
  });

  it('fills a table that was emptied, beside the persister, and finds it equal', async () => {
    const before = await ground.query(rows);
    await ground.query('truncate roster.users');
    const replayed = await replayInto(ground.stores.database);
    expect(replayed.flatMap(({ drifted }) => drifted)).toEqual([]);
    expect(await ground.query(rows)).toEqual(before);
  });

  it('fills a database of its own, equal row by row', async () => {
    const namespace = scratchNamespace();
    const config = Object.assign(new PersisterConfig(), ground.stores.config, {
      ROLLCALL_NAMESPACE: namespace,
    });
    const database = new RosterDatabase(config, new ServiceLog('spec', 'error'), new Health());
    try {
      await database.onModuleInit();
      const replayed = await replayInto(database);
      expect(replayed.flatMap(({ drifted }) => drifted)).toEqual([]);
      expect(await database.read(rows, [])).toEqual(await ground.query(rows));
    } finally {
      await database.onApplicationShutdown();
      await dropNamespace(namespace);
    }
  });

  it('names the district where the topic does not lead to its watermark', async () => {
    await publishWatermarks(IDS, 7);
    const replayed = await replayInto(ground.stores.database);
    expect(replayed.flatMap(({ drifted }) => drifted)).toEqual(['d']);
  });

  it('brings nobody into a database of its own who is being erased', async () => {
    const namespace = scratchNamespace();
    const { database, config } = ground.stores;
    await new RemovalStore(database).suppressUser('d', 'u-1', 'receipt', []);
    const update = { verb: 'updated', id: 'u-1', generation: 6, attributes: { username: 'one' } } as const;
    await ground.publish('users', update);
    try {
      await replayTopics(config, ['users'], namespace);
      const copy = new pg.Client({ connectionString: namespaceUrl(config.DATABASE_URL, namespace) });
      await copy.connect();
      const found = await copy.query(`select generation, username from roster.users where gg4l_id = 'u-1'`);
      await copy.end();
      expect(found.rows).toEqual([{ generation: '6', username: null }]);
    } finally {
      await dropNamespace(namespace);
    }
  });
});
