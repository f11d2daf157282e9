import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { decodeReport, topicNames, type Report, type TopicNames } from '#contracts';
import { KafkaConnection, LogPublisher, LogReader } from '#kafka';
import { ServiceLog, startService } from '#service';
import { PersisterConfig } from './persister.config.js';
import { ensureTopics, PERSISTER } from './persister.service.js';
import {
  digestOf,
  encodeSample,
  encodeSampleWatermark,
  type SampleChange,
} from './persisting/sample-changes.js';
import { RosterDatabase } from './roster-store/roster-database.js';
import { dropNamespace, scratchNamespace, serverUrl } from './roster-store/scratch-roster.js';

const WITHIN_MS = 30_000;

describe('the persister on Kafka and Postgres', () => {
  const config = new PersisterConfig();
  let topics: TopicNames;
  let publisher: LogPublisher;
  let reader: LogReader;
  let app: INestApplication;

  beforeAll(async () => {
    const brokers = process.env['KAFKA_BROKERS'];
    if (!brokers) throw new Error('KAFKA_BROKERS must name a Kafka to test with');
    config.KAFKA_BROKERS = brokers.split(',');
    config.DATABASE_URL = serverUrl();
    config.ROLLCALL_NAMESPACE = scratchNamespace();
    config.ROLLCALL_PARTITIONS = 2;
    topics = topicNames(config.ROLLCALL_NAMESPACE);
    const connection = new KafkaConnection({ brokers: config.KAFKA_BROKERS, clientId: 'persister-spec' });
    publisher = new LogPublisher(connection);
    reader = new LogReader(connection);
    await ensureTopics(config);
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
  const watermark = (generation: number) =>
    encodeSampleWatermark('users', { generation, ...digestOf([ada]) });

  async function reports(): Promise<Report[]> {
    const { start: from, end } = await reader.ends(topics.reports, 0);
    const found: Report[] = [];
    for await (const messages of reader.read(topics.reports, 0, from, end)) {
      for (const { value } of messages) if (value) found.push(decodeReport(value));
    }
    return found;
  }

  async function reported(generation: number): Promise<Report[]> {
    const giveUpAt = Date.now() + WITHIN_MS;
    for (;;) {
      const found = await reports();
      if (found.some((report) => report.kind === 'passed' && report.generation === generation)) return found;
      if (Date.now() > giveUpAt) throw new Error(`generation ${generation} was not reported`);
      await pause(50);
    }
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
    const giveUpAt = Date.now() + WITHIN_MS;
    let letters = await query('select topic, partition, log_offset from roster.dead_letters');
    while (letters.length === 0 && Date.now() < giveUpAt) {
      await pause(50);
      letters = await query('select topic, partition, log_offset from roster.dead_letters');
    }
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
});
