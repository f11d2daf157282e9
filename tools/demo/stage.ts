/**
 * The whole of Rollcall on an empty namespace of its own: servers, the sandbox and the four services, for one
 * telling. Own servers live in the given folder, which is emptied first; on servers given by URL the namespace is
 * removed at the end. Services stop before what they stand on.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { topicNames } from '#contracts';
import { ConsumerLag, KafkaConnection } from '#kafka';
import { reasonOf } from '../infrastructure/infrastructure.errors.js';
import { openInfrastructure, type Infrastructure } from '../infrastructure/infrastructure.js';
import { freePorts } from '../infrastructure/ports.js';
import { AdminApi } from '../start/admin-api.client.js';
import { awaitInterruption, EXIT_INTERRUPTED, Interrupted, orExit } from '../start/interruption.js';
import { Services, type Listening } from '../start/services.js';
import { dropNamespace } from './drop-namespace.js';

const GIVEN = ['KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL'];
const APPS = ['coordinator', 'fetcher', 'reconciler', 'persister'];

export interface StageOptions {
  /** First part of the namespace. */
  readonly name: string;
  /** Emptied, and then this telling's alone. */
  readonly folder: string;
  readonly sandboxArgs: readonly string[];
  readonly say: (line: string) => void;
}

export interface Stage {
  readonly infrastructure: Infrastructure;
  /** What a command needs to work on the same servers and namespace. */
  readonly env: Readonly<Record<string, string>>;
  readonly api: AdminApi;
  readonly coordinatorUrl: () => string | null;
  readonly sandboxUrl: string;
  readonly logFolder: string;
  /** How far the persister is behind. */
  readonly lag: () => Promise<bigint>;
  readonly signal: AbortSignal;
}

/** A server or a service was given up. */
export class StageError extends Error {}

/** What `tell` returns is the exit code; 130 when a signal ended it. */
export async function onStage(
  options: StageOptions,
  tell: (stage: Stage) => Promise<number>,
): Promise<number> {
  const interrupted = awaitInterruption();
  const namespace = `${options.name}_${randomBytes(4).toString('hex')}`;
  rmSync(join(options.folder, 'sandbox'), { recursive: true, force: true });
  const opening = openInfrastructure({
    dataFolder: options.folder,
    fresh: true,
    progress: options.say,
    env: { ...process.env, ROLLCALL_NAMESPACE: namespace },
  });
  const infrastructure = await orExit(opening, interrupted);
  const services = new Services(options.folder, options.say);
  const ending = new AbortController();
  const fail = (reason: string): never => {
    throw new StageError(reason);
  };
  try {
    const work = play(options, namespace, infrastructure, services, ending.signal, tell);
    work.catch(() => undefined); // when it loses the race, it ends by `ending`
    return await Promise.race([
      work,
      interrupted,
      infrastructure.died.then(fail),
      services.failed.then(fail),
    ]);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return EXIT_INTERRUPTED;
  } finally {
    ending.abort();
    options.say('stopping');
    await services.close();
    await leave(infrastructure, namespace, options.say);
  }
}

/** What fails here must not hide why the telling ended. */
async function leave(
  infrastructure: Infrastructure,
  namespace: string,
  say: (line: string) => void,
): Promise<void> {
  try {
    if (GIVEN.some((setting) => process.env[setting])) await dropNamespace(infrastructure, namespace);
  } catch (error) {
    say(`namespace ${namespace} could not be removed from the given servers: ${reasonOf(error)}`);
  }
  await infrastructure.close();
}

async function play(
  { folder, sandboxArgs, say }: StageOptions,
  namespace: string,
  infrastructure: Infrastructure,
  services: Services,
  signal: AbortSignal,
  tell: (stage: Stage) => Promise<number>,
): Promise<number> {
  say(`starting the services on namespace ${namespace}; their logs are in ${services.logFolder}`);
  const [port] = await freePorts(1);
  const args = ['--port', String(port), '--data', join(folder, 'sandbox'), ...sandboxArgs];
  const sandbox = await services.start({ name: 'sandbox', args, env: {} });
  const settings = settingsFor(infrastructure, namespace);
  const env = { ...settings, ...sourceSettings(sandbox) };
  await Promise.all(APPS.map((name) => services.start({ name, env })));
  const lag = persisterLag(infrastructure, namespace);
  const coordinatorUrl = (): string | null => services.urlOf('coordinator');
  try {
    return await tell({
      infrastructure,
      env: settings,
      coordinatorUrl,
      api: new AdminApi(coordinatorUrl, signal),
      sandboxUrl: sandbox.url,
      logFolder: services.logFolder,
      lag: lag.measure,
      signal,
    });
  } finally {
    await lag.close();
  }
}

function settingsFor(
  { kafkaBrokers, redisUrl, databaseUrl }: Infrastructure,
  namespace: string,
): Record<string, string> {
  return {
    KAFKA_BROKERS: kafkaBrokers,
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
    ROLLCALL_NAMESPACE: namespace,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    COORDINATOR_SCHEDULE: 'off',
  };
}

function sourceSettings({ url, clientId, clientSecret }: Listening): Record<string, string> {
  return {
    SCHOOL_PASSPORT_URL: url,
    SCHOOL_PASSPORT_CLIENT_ID: String(clientId),
    SCHOOL_PASSPORT_CLIENT_SECRET: String(clientSecret),
    SCHOOL_PASSPORT_ALLOW_HTTP: 'true',
    DISTRICTS_FILE: '',
  };
}

function persisterLag({ kafkaBrokers }: Infrastructure, namespace: string) {
  const brokers = kafkaBrokers.split(',').map((broker) => broker.trim());
  const connection = new KafkaConnection({ brokers, clientId: 'rollcall-stage', log: () => undefined });
  const lag = new ConsumerLag(connection);
  const { changes, deadLetters } = topicNames(namespace);
  const topics = [...Object.values(changes), deadLetters];
  return { measure: () => lag.of(`${namespace}.persister`, topics), close: () => lag.close() };
}
