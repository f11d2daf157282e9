/* The sample of contract.md, run as it stands there over the messages of the conformance test, on a real broker and database. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { until } from '../../libs/kafka/test/kafka.ground.js';
import { ConformanceTopics } from '../../libs/roster-consumer/test/conformance-topics.js';
import { ensureDatabase } from '../../tools/infrastructure/answers.js';
import { projectFolder } from '../../tools/project.js';
import { RunningExample } from './running.js';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-sample-'));
const topics = new ConformanceTopics();
let database: pg.Pool;
let example: RunningExample;

beforeAll(async () => {
  const url = await ensureDatabase(process.env['DATABASE_URL'] ?? '', topics.namespace);
  database = new pg.Pool({ connectionString: url });
  await database.query(
    'create table people (district text, id text, generation bigint, record jsonb, gone boolean, primary key (district, id))',
  );
  const contract = readFileSync(join(projectFolder, 'docs/contract.md'), 'utf8');
  const [, sample = ''] = /^```js\n(.*?)^```/ms.exec(contract) ?? [];
  writeFileSync(
    join(folder, 'sample.mjs'),
    sample.replaceAll("'roster.users.v1'", `'${topics.names.users}'`),
  );
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['ajv', 'kafkajs', 'pg'])
    symlinkSync(join(projectFolder, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(join(projectFolder, 'docs/contract'), join(folder, 'contract'));
  await topics.create();
  await topics.publish('backlog');
  await topics.publish('live');
  const env = { ...process.env, DATABASE_URL: url };
  example = new RunningExample(process.execPath, ['sample.mjs'], { cwd: folder, env });
});

afterAll(async () => {
  await example.stop();
  await database.end();
  await dropDatabase(topics.namespace);
  await topics.close();
  rmSync(folder, { recursive: true });
});

describe('the sample of contract.md', () => {
  it('goes on behind what it cannot read and what came later, and ends with the users of the conformance test', async () => {
    const { records, gone } = topics.test.expected;
    const users = records.filter(({ type }) => type === 'users');
    const expected = users
      .map(({ districtId, gg4lId, generation, active }) => [districtId, gg4lId, generation, active])
      .sort();
    const held = async () =>
      (await database.query<Person>('select district, id, generation, gone from people')).rows
        .map(({ district, id, generation, gone }) => [district, id, Number(generation), !gone])
        .sort();
    await until(async () => {
      const ids = new Set((await held()).map(([, id]) => id));
      const isDone =
        users.every(({ gg4lId }) => ids.has(gg4lId)) && gone.every(({ gg4lId }) => !ids.has(gg4lId));
      return isDone || example.hasEnded;
    });
    expect(await held()).toEqual(expected);
  });
});

async function dropDatabase(name: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
  await client.connect();
  await client.query(`drop database ${pg.escapeIdentifier(name)}`);
  await client.end();
}

interface Person {
  readonly district: string;
  readonly id: string;
  readonly generation: string;
  readonly gone: boolean;
}
