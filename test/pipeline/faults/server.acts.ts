/** What is done to whole servers, which must be the run's own. */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { withRedis } from './acts.js';
import type { Act, Preparation } from './fault-case.js';
import type { FaultWorld, OwnServers } from './fault-world.js';

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

export function ownRedis(world: FaultWorld): FaultWorld {
  if (world.own.redis.url !== world.ground.urls.redisUrl) throw new Error('not our own Redis');
  return world;
}
