import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { decodeReport, topicNames, topicSpecs, type Report, type TopicNames } from '#contracts';
import { ensureTopics, KafkaConnection, LogPublisher, LogReader, NamespaceWipe } from '#kafka';
import { Metrics, ServiceLog, startService } from '#service';
import { PersisterConfig } from './persister.config.js';
import { PERSISTER } from './persister.service.js';
import {
  digestOf,
  encodeSample,
  encodeSampleFence,
  encodeSampleWatermark,
  type SampleChange,
} from '../../../libs/roster-consumer/test/sample-changes.js';
import { RosterDatabase } from './roster-store/roster-database.js';
import { dropNamespace, scratchNamespace, serverUrl } from './roster-store/scratch-roster.js';

const WITHIN_MS = 30_000;

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + WITHIN_MS;
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`not within ${WITHIN_MS} ms: ${what}`);
    await pause(50);
  }
}

describe('the persister on Kafka and Postgres', () => {
  const config = new PersisterConfig();
  let topics: TopicNames;
  let publisher: LogPublisher;
  let reader: LogReader;
  let connection: KafkaConnection;
  let app: INestApplication;

  beforeAll(async () => {
    const brokers = process.env['KAFKA_BROKERS'];
    if (!brokers) throw new Error('KAFKA_BROKERS must name a Kafka to test with');
    config.KAFKA_BROKERS = brokers.split(',');
    config.DATABASE_URL = serverUrl();
    config.ROLLCALL_NAMESPACE = scratchNamespace();
    config.ROLLCALL_PARTITIONS = 2;
    topics = topicNames(config.ROLLCALL_NAMESPACE);
    connection = new KafkaConnection({ brokers: config.KAFKA_BROKERS, clientId: 'persister-spec' });
    publisher = new LogPublisher(connection);
    reader = new LogReader(connection);
    await ensureTopics(connection, topicSpecs(config.ROLLCALL_NAMESPACE, config.ROLLCALL_PARTITIONS));
    await publisher.connect();
    app = await start();
  });

  afterAll(async () => {
    await app.close();
    await publisher.close();
    await reader.close();
    await dropNamespace(config.ROLLCALL_NAMESPACE);
  });

  const start = () => startService(PERSISTER, config, new ServiceLog('persister', 'error'));

  function publish(...values: Buffer[]): Promise<void> {
    return publisher.publish(
      topics.changes.users,
      values.map((value) => ({ partition: 0, key: 'any', value })),
    );
  }

  const users = (...changes: SampleChange[]) => changes.map((change) => encodeSample('users', change));

  const ada: SampleChange = { verb: 'created', id: 'a', generation: 5, attributes: { username: 'ada' } };
  const right = (generation: number) => ({ generation, ...digestOf([ada]) });
  const watermark = (generation: number) => encodeSampleWatermark('users', right(generation));

  async function reports(): Promise<Report[]> {
    const { start: from, end } = await reader.ends(topics.reports, 0);
    const found: Report[] = [];
    for await (const messages of reader.read(topics.reports, 0, from, end)) {
      for (const { value } of messages) if (value) found.push(decodeReport(value));
    }
    return found;
  }

  async function reported(generation: number): Promise<Report[]> {
    let found: Report[] = [];
    await until(`generation ${generation} is reported`, async () => {
      found = await reports();
      return found.some((report) => report.kind === 'passed' && report.generation === generation);
    });
    return found;
  }

  async function query(text: string): Promise<Record<string, unknown>[]> {
    return app.get(RosterDatabase).transaction(async (statements) => {
      const { rows } = await statements.query<Record<string, unknown>>(text);
      return rows;
    });
  }

  it('stores what is above a watermark, keeps what it cannot read, and reports the watermark', async () => {
    await publish(
      ...users(ada),
      Buffer.from('{"not":"ours"}'),
      ...users({ verb: 'created', id: 'b', generation: 5 }, { verb: 'archived', id: 'b', generation: 6 }),
      watermark(6),
    );
    const found = await reported(6);
    expect(found).toEqual([
      {
        kind: 'passed',
        districtId: 'district-1',
        generation: 6,
        entityType: 'users',
        partition: 0,
        epoch: 1,
      },
    ]);
    const rows = await query(
      'select gg4l_id, username, archived_at is null as active from roster.users order by 1',
    );
    expect(rows).toEqual([
      { gg4l_id: 'a', username: 'ada', active: true },
      { gg4l_id: 'b', username: null, active: false },
    ]);
    let letters: unknown[] = [];
    await until('the dead letter is kept', async () => {
      letters = await query('select topic, partition, log_offset from roster.dead_letters');
      return letters.length > 0;
    });
    expect(letters).toEqual([{ topic: topics.changes.users, partition: '0', log_offset: '1' }]);
  });

  it('goes on where it stopped, and is not changed by what it has read already', async () => {
    await app.close();
    const before = await (async () => {
      app = await start();
      return query('select * from roster.users order by gg4l_id');
    })();
    await publish(...users({ verb: 'created', id: 'a', generation: 5 }), watermark(7));
    const found = await reported(7);
    expect(found.filter((report) => report.kind === 'passed' && report.generation === 6)).toHaveLength(1);
    expect(await query('select * from roster.users order by gg4l_id')).toEqual(before);
  });

  it('mends a copy that has drifted by reading the topic again', async () => {
    await query(
      `update roster.users set archived_at = now(), log_offset = 0, generation = 4 where gg4l_id = 'a'`,
    );
    await publish(watermark(8));
    const found = await reported(8);
    const drifts = found.flatMap((report) => (report.kind === 'drift' ? [report] : []));
    expect(drifts).toMatchObject([
      { generation: 8, survived: false, expected: { active: 1 }, found: { active: 0 } },
    ]);
    const rows = await query(`select generation, archived_at from roster.users where gg4l_id = 'a'`);
    expect(rows).toEqual([{ generation: '5', archived_at: null }]);
  });

  it('ignores what lies behind a fence after a restart, and tells that it is a shadow', async () => {
    await publish(encodeSampleFence('users', 2), encodeSampleWatermark('users', { ...right(9), epoch: 2 }));
    await reported(9);
    await app.close();
    app = await start();
    await publish(
      ...users({ verb: 'archived', id: 'a', generation: 9 }),
      encodeSampleWatermark('users', { ...right(10), epoch: 2 }),
    );
    const found = await reported(10);
    expect(found).toContainEqual({ kind: 'shadow', districtId: 'district-1', entityType: 'users' });
    const rows = await query(`select generation, archived_at from roster.users where gg4l_id = 'a'`);
    expect(rows).toEqual([{ generation: '5', archived_at: null }]);
  });

  it('stops a partition whose messages would nearly all become dead letters, and keeps none of them', async () => {
    const spoilt = Array.from({ length: 30 }, () => ({ partition: 1, key: 'any', value: Buffer.from('{}') }));
    await publisher.publish(topics.changes.courses, spoilt);
    await until('the partition is stopped', async () => {
      const text = await app.get(Metrics).text();
      return /rollcall_partition_stopped\{[^}]*type="courses",partition="1"[^}]*\} 1/.test(text);
    });
    const kept = await query(`select 1 from roster.dead_letters where topic = '${topics.changes.courses}'`);
    expect(kept.length).toBeLessThanOrEqual(20);
  });

  it('stops with an instruction where the topic is not the one it has read, and goes on elsewhere', async () => {
    await app.close();
    await new NamespaceWipe(connection).wipe({
      topics: Object.values(topics.changes),
      groupPrefix: config.ROLLCALL_NAMESPACE,
    });
    await ensureTopics(connection, topicSpecs(config.ROLLCALL_NAMESPACE, config.ROLLCALL_PARTITIONS));
    await publish(...users({ verb: 'archived', id: 'a', generation: 99 }));
    app = await start();
    await until('the partition is stopped', async () => {
      const text = await app.get(Metrics).text();
      return /rollcall_partition_stopped\{[^}]*type="users",partition="0"[^}]*\} 1/.test(text);
    });
    expect(await query(`select 1 from roster.users where generation = 99`)).toEqual([]);
    const elsewhere = encodeSample('orgs', { verb: 'created', id: 'o', generation: 99 });
    await publisher.publish(topics.changes.orgs, [{ partition: 0, key: 'any', value: elsewhere }]);
    await until('another partition is stored', async () => {
      return (await query(`select 1 from roster.orgs where generation = 99`)).length === 1;
    });
  });
});
