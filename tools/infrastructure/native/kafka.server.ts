/**
 * One Kafka broker and controller (KRaft) in one JVM. The node and cluster ids stay with the data folder; the
 * listeners are written anew at each start, because the ports are.
 */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaAnswers } from '../answers.js';
import { InfrastructureError } from '../infrastructure.errors.js';
import { freePorts } from '../ports.js';
import { cachedFolder, cacheFolder } from './cache.js';
import { mavenJars } from './maven.js';
import { run } from './run.js';
import { startServer, type NativeOptions, type NativeServer } from './server.js';

const VERSION = '4.3.0';
const LOG4J_VERSION = '2.25.1';
const JAVA_AT_LEAST = 17;
const CLUSTER_ID = 'Um9sbGNhbGxfbmF0aXZlXw';
const JVM = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
];

export async function startKafka(options: NativeOptions): Promise<NativeServer> {
  await requireJava();
  const jars = await mavenJars(
    `kafka-${VERSION}`,
    [
      { groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version: VERSION },
      { groupId: 'org.apache.logging.log4j', artifactId: 'log4j-slf4j-impl', version: LOG4J_VERSION },
    ],
    options.progress,
  );
  const folder = join(options.dataFolder, 'kafka');
  const log = join(folder, 'log');
  mkdirSync(folder, { recursive: true });
  await formatOnce(jars, log, options.progress);
  const [controllerPort = 0, freePort = 0] = await freePorts(2);
  const port = options.port ?? freePort;
  const configFile = join(folder, 'server.properties');
  writeFileSync(configFile, properties(log, port, controllerPort));
  writeFileSync(join(folder, 'log4j2.properties'), LOG4J);
  const broker = `127.0.0.1:${port}`;
  const child = await startServer(
    options.lock,
    {
      name: 'Kafka',
      command: [
        'java',
        ...JVM,
        `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
        '-cp',
        `${jars}/*`,
        'kafka.Kafka',
        configFile,
      ],
      stopSignal: 'TERM',
      logFile: join(folder, 'server.log'),
      cwd: folder,
    },
    () => kafkaAnswers(broker),
  );
  return { url: broker, child };
}

async function requireJava(): Promise<void> {
  const java = await run('java', ['-version']);
  const version = /version "(\d+)/.exec(java.output)?.[1];
  if (!java.ok || Number(version ?? 0) < JAVA_AT_LEAST) {
    throw new InfrastructureError(
      `Kafka needs Java ${JAVA_AT_LEAST} or newer, and ${version === undefined ? 'there is no java' : `java is ${version}`} on PATH: install Java ${JAVA_AT_LEAST}`,
    );
  }
}

// Formatting starts a JVM; what it writes names no path and no port, so one copy serves every data folder.
async function formatOnce(jars: string, log: string, progress: (line: string) => void): Promise<void> {
  if (existsSync(join(log, 'meta.properties'))) return;
  const formatted = await cachedFolder(join(cacheFolder(), `kafka-${VERSION}-formatted`), async (draft) => {
    progress('formatting the Kafka storage (once)');
    const configFile = `${draft}.properties`;
    writeFileSync(configFile, properties(draft, 9092, 9093));
    const format = await run('java', [
      ...JVM,
      '-cp',
      `${jars}/*`,
      'kafka.tools.StorageTool',
      'format',
      '--cluster-id',
      CLUSTER_ID,
      '--config',
      configFile,
    ]);
    rmSync(configFile, { force: true });
    if (!format.ok)
      throw new InfrastructureError(`the Kafka storage could not be formatted: ${format.output}`);
  });
  const draft = `${log}.draft`;
  rmSync(draft, { recursive: true, force: true });
  rmSync(log, { recursive: true, force: true });
  cpSync(formatted, draft, { recursive: true });
  renameSync(draft, log);
}

const properties = (log: string, port: number, controllerPort: number): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': log,
    'auto.create.topics.enable': false,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'log.cleaner.backoff.ms': 1000,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const LOG4J = `status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
`;
