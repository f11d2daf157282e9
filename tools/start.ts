/**
 * The whole of Rollcall on this machine: infrastructure, the sandbox (or another source), the four services, and a
 * run of every district. Whatever ends it, services stop before what they stand on.
 */
import { topicNames } from '#contracts';
import { ConsumerLag, KafkaConnection } from '#kafka';
import { reasonOf } from './infrastructure/infrastructure.errors.js';
import {
  InfrastructureError,
  openInfrastructure,
  type Infrastructure,
} from './infrastructure/infrastructure.js';
import { AdminApi, AdminApiError } from './start/admin-api.client.js';
import { awaitInterruption, EXIT_INTERRUPTED, Interrupted, orExit } from './start/interruption.js';
import { readOptions, USAGE, UsageError, type StartOptions } from './start/options.js';
import { Progress } from './start/progress.js';
import { RunStuckError, runEveryDistrict, watchRuns, type DistrictRun } from './start/runs.js';
import { Services } from './start/services.js';
import { chooseSource, openSource } from './start/source.js';
import { EXIT, exitCodeOf, formatSummary, outcomeOf } from './start/summary.js';
import { wipeNamespace } from './start/wipe.js';

const EXIT_USAGE = 64;
const APPS = ['coordinator', 'fetcher', 'reconciler', 'persister'];
const GIVEN = ['KAFKA_BROKERS', 'REDIS_URL', 'DATABASE_URL'];

const namespace = process.env.ROLLCALL_NAMESPACE || 'rollcall';
const progress = new Progress(process.stderr);
const say = (line: string): void => progress.say(line);
const print = (text: string): void => {
  progress.clear();
  process.stdout.write(`${text}\n`);
};

/** Something outside the runs went wrong; exit 1. */
class Failure extends Error {}

async function main(options: StartOptions): Promise<number> {
  const sourceKind = await chooseSource(options, process.env, say);
  const interrupted = awaitInterruption();
  const { dataFolder, fresh } = options;
  const infrastructure = await orExit(openInfrastructure({ dataFolder, fresh, progress: say }), interrupted);
  const services = new Services(options.dataFolder, say);
  const ending = new AbortController();
  const fail = (reason: string): never => {
    throw new Failure(reason);
  };
  try {
    const work = runAll(options, sourceKind, infrastructure, services, ending.signal);
    work.catch(() => undefined); // when it loses the race, it ends by `ending`
    return await Promise.race([
      work,
      interrupted,
      infrastructure.died.then(fail),
      services.failed.then(fail),
    ]);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return options.once ? EXIT_INTERRUPTED : EXIT.done;
  } finally {
    ending.abort();
    progress.clear();
    say('stopping');
    await services.close();
    await infrastructure.close();
  }
}

async function runAll(
  options: StartOptions,
  sourceKind: Awaited<ReturnType<typeof chooseSource>>,
  infrastructure: Infrastructure,
  services: Services,
  signal: AbortSignal,
): Promise<number> {
  if (options.fresh && GIVEN.some((setting) => process.env[setting])) {
    say(`wiping namespace ${namespace}`);
    await wipeNamespace(infrastructure, namespace).catch((error: unknown) => {
      throw new Failure(`namespace ${namespace} could not be wiped: ${reasonOf(error)}`, { cause: error });
    });
  }
  say(`starting the services; their logs are in ${services.logFolder}`);
  const source = await openSource(sourceKind, options, services);
  const isScheduled = !options.once && !options.dryRun;
  const env = serviceSettings(infrastructure, isScheduled);
  await Promise.all(APPS.map((name) => services.start({ name, env: { ...env, ...source.env } })));
  const api = new AdminApi(() => services.urlOf('coordinator'), signal);
  const lag = persisterLag(infrastructure);
  try {
    const districts = await runEveryDistrict({
      api,
      wish: { dryRun: options.dryRun, retries: options.once ? 'at-once' : 'scheduled' },
      lag: lag.measure,
      seen: (states) => progress.show(states),
      signal,
    });
    tellOutcome(options, infrastructure, districts);
    if (options.once) return exitCodeOf(districts);
  } finally {
    await lag.close();
  }
  tellUrls(options, infrastructure, services);
  return watchRuns({ api, seen: (states) => progress.watch(states), signal });
}

function serviceSettings(infrastructure: Infrastructure, isScheduled: boolean): Record<string, string> {
  const { kafkaBrokers, redisUrl, databaseUrl } = infrastructure;
  return {
    KAFKA_BROKERS: kafkaBrokers,
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
    ROLLCALL_NAMESPACE: namespace,
    HTTP_PORT: '0',
    COORDINATOR_SCHEDULE: isScheduled ? 'on' : 'off',
  };
}

function persisterLag({ kafkaBrokers }: Infrastructure) {
  const brokers = kafkaBrokers.split(',').map((broker) => broker.trim());
  const connection = new KafkaConnection({ brokers, clientId: 'rollcall-start', log: () => undefined });
  const lag = new ConsumerLag(connection);
  const { changes, deadLetters } = topicNames(namespace);
  const topics = [...Object.values(changes), deadLetters];
  return { measure: () => lag.of(`${namespace}.persister`, topics), close: () => lag.close() };
}

function tellOutcome(
  options: StartOptions,
  { kafkaBrokers, redisUrl, databaseUrl }: Infrastructure,
  districts: readonly DistrictRun[],
): void {
  progress.clear();
  const summary = districts.length === 0 ? 'no districts are shared' : formatSummary(districts);
  if (!options.json) return print(`\n${summary}\n`);
  process.stderr.write(`\n${summary}\n\n`);
  print(JSON.stringify({ kafkaBrokers, redisUrl, databaseUrl, districts: districts.map(outcomeOf) }));
}

function tellUrls(options: StartOptions, infrastructure: Infrastructure, services: Services): void {
  const { kafkaBrokers, redisUrl, databaseUrl } = infrastructure;
  const urls = [
    ['console and admin API', services.urlOf('coordinator')],
    ['sandbox', services.urlOf('sandbox')],
    ...APPS.slice(1).map((name) => [`${name} (health, metrics)`, services.urlOf(name)]),
    ...[
      ['Kafka', kafkaBrokers],
      ['Redis', redisUrl],
      ['Postgres', databaseUrl],
    ],
  ];
  const lines = urls.flatMap(([name, url]) => (url ? [`  ${String(name).padEnd(30)} ${url}`] : []));
  const text = `everything is up; Ctrl-C ends it\n${lines.join('\n')}`;
  if (options.json) say(text);
  else print(text);
}

async function start(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.help) print(USAGE);
    return options.help ? 0 : await main(options);
  } catch (error) {
    if (error instanceof UsageError) {
      say(error.message);
      return EXIT_USAGE;
    }
    const isTold = [Failure, InfrastructureError, AdminApiError, RunStuckError].some(
      (kind) => error instanceof kind,
    );
    if (!isTold) throw error;
    say((error as Error).message);
    return EXIT.failure;
  }
}

process.exitCode = await start();
