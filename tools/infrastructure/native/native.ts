import type { FolderLock } from '../folder-lock.js';
import { InfrastructureError, reasonOf } from '../infrastructure.errors.js';
import { startKafka } from './kafka.server.js';
import { startPostgres } from './postgres.server.js';
import { startRedis } from './redis.server.js';
import type { NativeOptions, NativeServer } from './server.js';

export type Part = 'kafka' | 'redis' | 'postgres';

const STARTS: Readonly<Record<Part, (options: NativeOptions) => Promise<NativeServer>>> = {
  kafka: startKafka,
  redis: startRedis,
  postgres: startPostgres,
};

export interface Servers {
  readonly urls: ReadonlyMap<Part, string>;
  /** Resolves with the reason if a server ends before close(). */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

/** Starts the parts side by side; all or none: if one cannot start, the others are stopped again. */
export async function startNative(
  parts: readonly Part[],
  options: NativeOptions & { readonly lock: FolderLock },
): Promise<Servers> {
  const started = new Map<Part, NativeServer>();
  const failures: string[] = [];
  await Promise.all(
    parts.map(async (part) => {
      try {
        const startedAt = Date.now();
        started.set(part, await STARTS[part](options));
        options.progress(`${part} answers after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
      } catch (error) {
        failures.push(reasonOf(error));
        if (!(error instanceof InfrastructureError)) throw error;
      }
    }),
  ).catch(async (error: unknown) => {
    await closeAll(started);
    throw error;
  });
  if (failures.length > 0) {
    await closeAll(started);
    throw new InfrastructureError(failures.join('\n'));
  }
  return {
    urls: new Map([...started].map(([part, server]) => [part, server.url])),
    died: Promise.race([...started.values()].map(({ child }) => child.died)),
    close: () => closeAll(started),
  };
}

async function closeAll(servers: ReadonlyMap<Part, NativeServer>): Promise<void> {
  await Promise.all([...servers.values()].map(({ child }) => child.close()));
}
