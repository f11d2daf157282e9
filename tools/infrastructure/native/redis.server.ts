/** Redis that loses nothing it was asked to keep: append-only file, and no eviction. */
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redisAnswers } from '../answers.js';
import { InfrastructureError } from '../infrastructure.errors.js';
import { freePorts } from '../ports.js';
import { cacheFolder, cachedFolder } from './cache.js';
import { mavenJars } from './maven.js';
import { run } from './run.js';
import { startServer, type NativeOptions, type NativeServer } from './server.js';
import { unzipEntry } from './unzip.js';

const ARTIFACT = {
  groupId: 'com.github.codemonstur',
  artifactId: 'embedded-redis',
  version: '1.4.3',
  alone: true,
};

const ENTRIES: Readonly<Record<string, string>> = {
  'linux-x64': 'redis-server-6.2.6-v5-linux-amd64',
  'linux-arm64': 'redis-server-6.2.7-linux-arm64',
  'linux-ia32': 'redis-server-6.2.7-linux-386',
  'darwin-x64': 'redis-server-6.2.6-v5-darwin-amd64',
  'darwin-arm64': 'redis-server-6.2.6-v5-darwin-arm64',
};

export async function startRedis(options: NativeOptions): Promise<NativeServer> {
  const program = await redisProgram(options.progress);
  const folder = join(options.dataFolder, 'redis');
  mkdirSync(folder, { recursive: true });
  const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
  const url = `redis://127.0.0.1:${port}`;
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder,
    appendonly: 'yes',
    appendfsync: options.throwAway ? 'no' : 'everysec',
    'maxmemory-policy': 'noeviction',
    save: '',
    daemonize: 'no',
  };
  const child = await startServer(
    options.lock,
    {
      name: 'Redis',
      command: [program, ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])],
      stopSignal: 'TERM',
      logFile: join(folder, 'server.log'),
      cwd: folder,
    },
    () => redisAnswers(url),
  );
  return { url, child };
}

async function redisProgram(progress: (line: string) => void): Promise<string> {
  for (const program of ['redis-server', 'valkey-server']) {
    if ((await run(program, ['--version'])).ok) return program;
  }
  const entry = ENTRIES[`${process.platform}-${process.arch}`];
  if (entry === undefined) throw new InfrastructureError('install Redis 6.2 or newer (redis-server on PATH)');
  const folder = join(cacheFolder(), `redis-${ARTIFACT.version}`);
  await cachedFolder(folder, async (draft) => {
    const jars = await mavenJars(`embedded-redis-${ARTIFACT.version}`, [ARTIFACT], progress);
    const jar = readdirSync(jars).find((name) => name.startsWith(ARTIFACT.artifactId)) ?? '';
    const program = unzipEntry(readFileSync(join(jars, jar)), entry);
    if (program === undefined)
      throw new InfrastructureError(`${jar} holds no ${entry}: install Redis 6.2 or newer`);
    writeFileSync(join(draft, 'redis-server'), program);
    chmodSync(join(draft, 'redis-server'), 0o755);
  });
  return join(folder, 'redis-server');
}
