/** Kafka, Redis and Postgres of our own, to be ended and started again under the same addresses. */
import { join } from 'node:path';
import { lockFolder, type FolderLock } from '../infrastructure/folder-lock.js';
import { startKafka } from '../infrastructure/native/kafka.server.js';
import { startPostgres } from '../infrastructure/native/postgres.server.js';
import { startRedis } from '../infrastructure/native/redis.server.js';
import type { NativeOptions, NativeServer } from '../infrastructure/native/server.js';

type Start = (options: NativeOptions) => Promise<NativeServer>;

const STARTS = { kafka: startKafka, redis: startRedis, postgres: startPostgres };
type Part = keyof typeof STARTS;
const PARTS = Object.keys(STARTS) as readonly Part[];

class RestartableServer {
  readonly url: string;

  private constructor(
    readonly folder: string,
    private readonly startServer: Start,
    private readonly options: NativeOptions,
    private server: NativeServer,
  ) {
    this.url = server.url;
  }

  static async of(part: Part, options: NativeOptions): Promise<RestartableServer> {
    const server = await STARTS[part](options);
    const port = Number(server.url.match(/:(\d+)(\/|$)/)?.[1]);
    return new RestartableServer(join(options.dataFolder, part), STARTS[part], { ...options, port }, server);
  }

  stop(): Promise<void> {
    return this.server.child.close();
  }

  async start(): Promise<void> {
    this.server = await this.startServer(this.options);
  }
}

export interface OpenServers {
  readonly servers: Readonly<Record<Part, RestartableServer>>;
  close(): Promise<void>;
}

/** All or none. What they keep stays in the folder, which nobody else may use meanwhile. */
export async function openServers(
  dataFolder: string,
  progress: (line: string) => void,
): Promise<OpenServers> {
  const lock: FolderLock = await lockFolder(dataFolder);
  const options: NativeOptions = { dataFolder, lock, throwAway: true, progress };
  const opened = await Promise.allSettled(PARTS.map((part) => RestartableServer.of(part, options)));
  const servers = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    lock.release();
  };
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await close();
    throw failed.reason;
  }
  const entries = PARTS.map((part, at) => [part, servers[at]] as const);
  return { servers: Object.fromEntries(entries) as OpenServers['servers'], close };
}
