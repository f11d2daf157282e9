// Kafka is given here (it is the slow one), so that only Redis and Postgres are started.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { projectFolder } from '../project.js';
import { openInfrastructure, type Infrastructure } from './infrastructure.js';

type Urls = Pick<Infrastructure, 'kafkaBrokers' | 'redisUrl' | 'databaseUrl'>;

const KAFKA_BROKERS = process.env.KAFKA_BROKERS;
if (KAFKA_BROKERS === undefined) throw new Error('KAFKA_BROKERS is not set');

const kafkaGiven = (): NodeJS.ProcessEnv => {
  const env: NodeJS.ProcessEnv = { ...process.env, ROLLCALL_INFRASTRUCTURE: 'native' };
  delete env.REDIS_URL;
  delete env.DATABASE_URL;
  return env;
};

let dataFolder = '';
const parents: ChildProcess[] = [];

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'rollcall-infrastructure-'));
  chmodSync(dataFolder, 0o755);
});

afterEach(async () => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL');
  await until(() => groups().every((pid) => !isThere(-pid)));
  rmSync(dataFolder, { recursive: true });
});

const open = (): Promise<Infrastructure> =>
  openInfrastructure({ dataFolder, progress: () => undefined, env: kafkaGiven(), throwAway: false });

async function startParent(
  env: NodeJS.ProcessEnv = {},
): Promise<{ parent: ChildProcess; urls: Urls; said: string[] }> {
  const main = join(projectFolder, 'dist', 'tools', 'infra.js');
  const parent = spawn(process.execPath, [main, '--data', dataFolder], {
    env: { ...kafkaGiven(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  parents.push(parent);
  const said: string[] = [];
  createInterface({ input: parent.stderr }).on('line', (line) => said.push(line));
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  return { parent, urls: JSON.parse(line) as Urls, said };
}

function groups(): readonly number[] {
  const lock = join(dataFolder, 'lock');
  if (!existsSync(lock)) return [];
  return (JSON.parse(readFileSync(lock, 'utf8')) as { children: { pid: number }[] }).children.map(
    ({ pid }) => pid,
  );
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let left = 400; !condition(); left -= 1) {
    if (left === 0) throw new Error(`still not so: ${condition.toString()}`);
    await delay(25);
  }
}

async function withRedis<T>(
  url: string,
  use: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('infrastructure of our own', () => {
  it('leaves nothing running when its parent is killed hard, and loses nothing', async () => {
    const { parent, urls } = await startParent();
    await withRedis(urls.redisUrl, (redis) => redis.set('kept', 'yes'));
    await query(urls.databaseUrl, 'create table kept as select 42 as n');
    const started = groups();
    expect(started).toHaveLength(2);
    parent.kill('SIGKILL');
    await until(() => started.every((pid) => !isThere(-pid)));

    const again = await open();
    try {
      expect(await withRedis(again.redisUrl, (redis) => redis.get('kept'))).toBe('yes');
      expect(await query(again.databaseUrl, 'select n from kept')).toEqual([{ n: 42 }]);
    } finally {
      await again.close();
    }
  });

  it('ends with SIGTERM, exit code 0, and nothing left', async () => {
    const { parent } = await startParent();
    const started = groups();
    parent.kill('SIGTERM');
    expect(await once(parent, 'exit')).toEqual([0, null]);
    await until(() => started.every((pid) => !isThere(-pid)));
    expect(existsSync(join(dataFolder, 'lock'))).toBe(false);
  });

  it('refuses a data folder that another invocation uses, and says so', async () => {
    const first = await open();
    try {
      await expect(open()).rejects.toThrow(`${dataFolder} is in use`);
    } finally {
      await first.close();
    }
  });

  it('tells when a server ends by itself', async () => {
    const { parent, said } = await startParent();
    const [group = 0] = groups();
    process.kill(-group, 'SIGKILL');
    expect(await once(parent, 'exit')).toEqual([1, null]);
    expect(said.join('\n')).toContain(' ended with SIGKILL');
  });

  it('says so and goes native when Docker answers but has no images', async () => {
    const calls = join(dataFolder, 'calls');
    const docker = `#!/bin/sh
echo "$@" >> ${calls}
case "$*" in *' up '*) echo 'manifest unknown' >&2; exit 1;; esac
`;
    writeFileSync(join(dataFolder, 'docker'), docker, { mode: 0o755 });
    const { urls, said } = await startParent({
      ROLLCALL_INFRASTRUCTURE: '',
      PATH: `${dataFolder}:${process.env.PATH ?? ''}`,
    });
    expect(said.join('\n')).toContain('docker compose could not bring them up: manifest unknown');
    expect(readFileSync(calls, 'utf8')).toMatch(/ up --detach --wait redis postgres\n.* stop\n/);
    expect(await query(urls.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('keeps Redis durable and never evicting', async () => {
    const own = await open();
    try {
      const setting = (name: string) => withRedis(own.redisUrl, (redis) => redis.configGet(name));
      expect(await setting('appendonly')).toEqual({ appendonly: 'yes' });
      expect(await setting('maxmemory-policy')).toEqual({ 'maxmemory-policy': 'noeviction' });
    } finally {
      await own.close();
    }
  });
});

describe('infrastructure given by URL', () => {
  it("is used as it is, with the namespace's database made", async () => {
    const env = { ...process.env, ROLLCALL_NAMESPACE: `given_${process.pid}` };
    const given = await openInfrastructure({ dataFolder, progress: () => undefined, env });
    expect(given).toMatchObject({
      kind: 'given',
      kafkaBrokers: KAFKA_BROKERS,
      redisUrl: process.env.REDIS_URL,
    });
    expect(await query(given.databaseUrl, 'select current_database() as name')).toEqual([
      { name: env.ROLLCALL_NAMESPACE },
    ]);
    await given.close();
    await query(process.env.DATABASE_URL ?? '', `drop database ${env.ROLLCALL_NAMESPACE}`);
  });

  it.each([
    ['KAFKA_BROKERS', '127.0.0.1:1'],
    ['REDIS_URL', 'redis://:secret@127.0.0.1:1'],
    ['DATABASE_URL', 'postgres://someone:secret@127.0.0.1:1/x'],
  ])('names %s when nothing answers there, and keeps its password', async (setting, url) => {
    const opening = openInfrastructure({
      dataFolder,
      progress: () => undefined,
      env: { ...process.env, [setting]: url },
    });
    await expect(opening).rejects.toThrow(new RegExp(`^${setting}: `));
    await expect(opening).rejects.not.toThrow(/secret/);
  });
});
