/** What is done to whole servers, which must be the run's own. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { withRedis } from './acts.js';
import type { Act, Preparation } from './fault-case.js';
import type { FaultWorld, OwnServers } from './fault-world.js';
import { linesSince } from './recovery.js';

const REFUSED_WITHIN_MS = 30_000;

export function restart(part: keyof OwnServers): Act {
  return async ({ own }) => {
    await own[part].stop();
    await own[part].start();
  };
}

export const flushRedis: Act = (world) => withRedis(ownRedis(world), (client) => client.flushAll());

/** Redis as an older copy of its append-only file shows it. */
export function olderRedisFile(): { readonly keep: Preparation; readonly bringBack: Act } {
  const copyOf = (folder: string): string => `${folder}.kept`;
  return {
    keep: async ({ own }) => {
      const { folder } = own.redis;
      rmSync(copyOf(folder), { recursive: true, force: true });
      await own.redis.stop();
      cpSync(folder, copyOf(folder), { recursive: true });
      await own.redis.start();
    },
    bringBack: async ({ own }) => {
      const { folder } = own.redis;
      if (!existsSync(copyOf(folder))) throw new Error('no older file was kept');
      await own.redis.stop();
      rmSync(folder, { recursive: true });
      cpSync(copyOf(folder), folder, { recursive: true });
      await own.redis.start();
    },
  };
}

/** Redis answers every write with OOM until services have met that. */
export const fillRedis: Act = (world, _districtId, struck) =>
  withRedis(ownRedis(world), async (client) => {
    // Inside a script it counts as ERR.
    const refusals = async (): Promise<number> => {
      const counts = (await client.info('errorstats')).matchAll(/errorstat_(?:OOM|ERR):count=(\d+)/g);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    const before = await refusals();
    await client.configSet('maxmemory', '1');
    struck.signal('SIGCONT');
    const isRefused = async (): Promise<boolean> => (await refusals()) > before + 1;
    await world.ground.fleet
      .until('writes were refused', isRefused, REFUSED_WITHIN_MS)
      .finally(() => client.configSet('maxmemory', '0'));
  });

/** Postgres takes no writes, on connections that stay, until the struck service has met that. */
export const refuseWrites: Act = async (world, _districtId, struck) => {
  const since = Date.now();
  const setReadOnly = async (value: 'on' | 'off'): Promise<void> => {
    await world.ground.rows.write(`alter system set default_transaction_read_only = ${value}`);
    await world.ground.rows.write('select pg_reload_conf()');
  };
  if (!world.ground.urls.databaseUrl.startsWith(world.own.postgres.url.replace(/[^/]*$/, '')))
    throw new Error('not our own Postgres');
  await setReadOnly('on');
  struck.signal('SIGCONT');
  const isRefused = (): boolean =>
    linesSince(world, since).some(({ level, service }) => level === 'error' && service === struck.name);
  await world.ground.fleet
    .until('writes were refused', isRefused, REFUSED_WITHIN_MS)
    .finally(() => setReadOnly('off'));
};

function ownRedis(world: FaultWorld): FaultWorld {
  if (world.own.redis.url !== world.ground.urls.redisUrl) throw new Error('not our own Redis');
  return world;
}
