/**
 * Kafka, Redis and Postgres for every command that needs them: those given by URL, else Docker's, else native
 * servers of our own. What we start ends with us, and its state stays in the data folder.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureDatabase, kafkaAnswers, postgresAnswers, redisAnswers } from './answers.js';
import { removeDockerVolumes, startDocker, whyNoDocker } from './docker.js';
import { lockFolder, type FolderLock } from './folder-lock.js';
import { InfrastructureError, reasonOf } from './infrastructure.errors.js';
import { startNative, type Part, type Servers } from './native/native.js';
import { removePostgresOutside } from './native/postgres.server.js';

export { InfrastructureError } from './infrastructure.errors.js';

export interface InfrastructureOptions {
  readonly dataFolder: string;
  readonly progress: (line: string) => void;
  /** Wipe what the data folder's servers hold, before they start. Servers given by URL are never wiped. */
  readonly fresh?: boolean;
  /** For tests: nothing survives close(), and nothing waits for the disk. */
  readonly throwAway?: boolean;
  /** KAFKA_BROKERS, REDIS_URL, DATABASE_URL, ROLLCALL_NAMESPACE; ROLLCALL_INFRASTRUCTURE=native passes Docker by. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface Infrastructure {
  readonly kafkaBrokers: string;
  readonly redisUrl: string;
  /** The namespace's own database, which is there. */
  readonly databaseUrl: string;
  readonly kind: 'given' | 'docker' | 'native';
  /** Resolves with the reason if a server we started ends before close(). */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

interface PartFacts {
  readonly setting: string;
  readonly answers: (url: string) => Promise<void>;
}

const PARTS: Readonly<Record<Part, PartFacts>> = {
  kafka: {
    setting: 'KAFKA_BROKERS',
    answers: (brokers) => kafkaAnswers(brokers.split(',')[0]?.trim() ?? ''),
  },
  redis: { setting: 'REDIS_URL', answers: redisAnswers },
  postgres: { setting: 'DATABASE_URL', answers: postgresAnswers },
};

const NAMESPACE = /^[a-z][a-z0-9_]{0,30}$/;

export async function openInfrastructure(options: InfrastructureOptions): Promise<Infrastructure> {
  const env = options.env ?? process.env;
  const namespace = env.ROLLCALL_NAMESPACE || 'rollcall';
  if (!NAMESPACE.test(namespace))
    throw new InfrastructureError(`ROLLCALL_NAMESPACE must match ${NAMESPACE.source}`);
  const given = givenUrls(env);
  const missing = (Object.keys(PARTS) as Part[]).filter((part) => !given.has(part));
  await Promise.all([...given].map(([part, at]) => checkGiven(part, at, namespace, options.progress)));
  const own = missing.length === 0 ? undefined : await startOwn(missing, options);
  const url = (part: Part): string => given.get(part) ?? own?.servers.urls.get(part) ?? '';
  const close = async (): Promise<void> => own?.close();
  try {
    return {
      kafkaBrokers: url('kafka'),
      redisUrl: url('redis'),
      databaseUrl: await ensureDatabase(url('postgres'), namespace),
      kind: own?.kind ?? 'given',
      died: own?.servers.died ?? new Promise(() => undefined),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function givenUrls(env: NodeJS.ProcessEnv): Map<Part, string> {
  const given = new Map<Part, string>();
  for (const [part, { setting }] of Object.entries(PARTS) as [Part, PartFacts][]) {
    const value = env[setting]?.trim();
    if (value !== undefined && value !== '') given.set(part, value);
  }
  return given;
}

// Never the value: it may hold a password.
async function checkGiven(
  part: Part,
  url: string,
  namespace: string,
  progress: (line: string) => void,
): Promise<void> {
  const { setting, answers } = PARTS[part];
  try {
    await (part === 'postgres' ? ensureDatabase(url, namespace) : answers(url));
  } catch (error) {
    throw new InfrastructureError(`${setting}: no ${part} answers there (${reasonOf(error)})`, {
      cause: error,
    });
  }
  progress(`${part} as given by ${setting}`);
}

interface OwnServers {
  readonly kind: 'docker' | 'native';
  readonly servers: Servers;
  close(): Promise<void>;
}

async function startOwn(parts: readonly Part[], options: InfrastructureOptions): Promise<OwnServers> {
  const dataFolder = resolve(options.dataFolder);
  mkdirSync(dataFolder, { recursive: true });
  const lock = await lockFolder(dataFolder);
  const throwAway = options.throwAway ?? false;
  try {
    const { kind, servers } = await startSomehow(parts, options, { dataFolder, lock, throwAway });
    const close = async (): Promise<void> => {
      await servers.close();
      if (throwAway) wipe(dataFolder);
      lock.release();
    };
    return { kind, servers, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startSomehow(
  parts: readonly Part[],
  { fresh, progress, env = process.env }: InfrastructureOptions,
  own: { readonly dataFolder: string; readonly lock: FolderLock; readonly throwAway: boolean },
): Promise<Pick<OwnServers, 'kind' | 'servers'>> {
  if (fresh === true) wipe(own.dataFolder);
  const nativeOnly = env.ROLLCALL_INFRASTRUCTURE === 'native';
  const whyNot = nativeOnly ? 'as asked' : await whyNoDocker();
  if (whyNot === undefined) {
    if (fresh === true) await removeDockerVolumes(own.dataFolder);
    const servers = await startDocker(parts, own, progress);
    if (servers !== undefined) return { kind: 'docker', servers };
  }
  progress(`${whyNot ?? 'going native'}: starting ${parts.join(', ')} as native servers`);
  try {
    return { kind: 'native', servers: await startNative(parts, { ...own, progress }) };
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    throw new InfrastructureError(`${reasonOf(error)}\n${WHAT_TO_INSTALL}`, { cause: error });
  }
}

const WHAT_TO_INSTALL =
  'Rollcall needs Kafka, Redis and Postgres. Either start Docker (with compose), or install Java 17 and Maven, ' +
  'or give your own servers by KAFKA_BROKERS, REDIS_URL and DATABASE_URL.';

const STATE = ['kafka', 'redis', 'postgres'];

function wipe(dataFolder: string): void {
  for (const name of readdirSync(dataFolder).filter((entry) => STATE.includes(entry))) {
    const path = join(dataFolder, name);
    if (existsSync(path)) rmSync(path, { recursive: true, force: true });
  }
  removePostgresOutside(dataFolder);
}
