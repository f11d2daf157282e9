/**
 * The infrastructure services of docker-compose.yml, one compose project per data folder. A guard stops them when
 * we end, in whatever way; volumes stay unless the data was thrown away.
 */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { projectFolder } from '../project.js';
import { kafkaAnswers, postgresAnswers, redisAnswers } from './answers.js';
import type { FolderLock } from './folder-lock.js';
import { startGuarded } from './native/guarded-child.js';
import type { Part, Servers } from './native/native.js';
import { run } from './native/run.js';
import { freePorts } from './ports.js';

const ANSWER_TIMEOUT_MS = 3_000;
const UP_TIMEOUT_MS = 10 * 60_000;

/** Why Docker cannot be used, or undefined if a daemon and its compose answer. */
export async function whyNoDocker(): Promise<string | undefined> {
  const daemon = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  if (!daemon.ok) return 'no Docker daemon answers';
  const compose = await run('docker', ['compose', 'version'], { timeoutMs: ANSWER_TIMEOUT_MS });
  return compose.ok ? undefined : 'Docker answers, but it has no compose';
}

export interface DockerOptions {
  readonly dataFolder: string;
  readonly lock: FolderLock;
  readonly throwAway: boolean;
}

const composeArgs = (dataFolder: string): readonly string[] => [
  'compose',
  '--project-name',
  `rollcall-${createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 12)}`,
  '--file',
  join(projectFolder, 'docker-compose.yml'),
];

export async function removeDockerVolumes(dataFolder: string): Promise<void> {
  await run('docker', [...composeArgs(dataFolder), 'down', '--volumes']);
}

/** Undefined, with the reason told, if the services cannot be brought up (images that cannot be had). */
export async function startDocker(
  parts: readonly Part[],
  options: DockerOptions,
  progress: (line: string) => void,
): Promise<Servers | undefined> {
  const [kafka = 0, redis = 0, postgres = 0] = await freePorts(3);
  const env = {
    ...process.env,
    KAFKA_PORT: `${kafka}`,
    REDIS_PORT: `${redis}`,
    POSTGRES_PORT: `${postgres}`,
  };
  const compose = composeArgs(options.dataFolder);
  progress(`starting ${parts.join(', ')} with docker compose`);
  const end = options.throwAway ? ['down', '--volumes'] : ['stop'];
  // The guard is there before the containers are: it does nothing but wait, and ends them when it is ended.
  const guard = startGuarded({
    name: 'docker compose',
    command: [
      '/bin/sh',
      '-c',
      `trap 'docker "$@"; exit' TERM; echo ready >&4; while :; do sleep 1; done`,
      'sh',
      ...compose,
      ...end,
    ],
    stopSignal: 'TERM',
    logFile: join(options.dataFolder, 'docker.log'),
    cwd: options.dataFolder,
    env,
    graceMs: 60_000,
    tellsReady: true,
  });
  options.lock.owns(guard.pid);
  // A stop signal that comes before it can be heeded would leave behind what is brought up now.
  await guard.ready;
  const up = await run('docker', [...compose, 'up', '--detach', '--wait', ...parts], {
    env,
    timeoutMs: UP_TIMEOUT_MS,
  });
  const urls = new Map<Part, string>([
    ['kafka', `127.0.0.1:${kafka}`],
    ['redis', `redis://127.0.0.1:${redis}`],
    ['postgres', `postgres://rollcall@127.0.0.1:${postgres}/postgres`],
  ]);
  const why = up.ok ? await firstSilent(parts, urls) : up.output.slice(-1500);
  if (why !== undefined) {
    progress(`docker compose could not bring them up: ${why}`);
    await guard.close();
    return undefined;
  }
  return {
    urls: new Map([...urls].filter(([part]) => parts.includes(part))),
    died: guard.died,
    close: () => guard.close(),
  };
}

const ANSWERS: Readonly<Record<Part, (url: string) => Promise<void>>> = {
  kafka: kafkaAnswers,
  redis: redisAnswers,
  postgres: postgresAnswers,
};

async function firstSilent(
  parts: readonly Part[],
  urls: ReadonlyMap<Part, string>,
): Promise<string | undefined> {
  for (const part of parts) {
    try {
      await ANSWERS[part](urls.get(part) ?? '');
    } catch (error) {
      return `${part}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return undefined;
}
