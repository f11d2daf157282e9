/* What is full or read-only: servers that answer, and refuse every write until a service has met that. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Running } from '../support/running.js';
import { withRedis, type RedisClient } from './acts.js';
import type { Act } from './fault-case.js';
import type { FaultWorld } from './fault-world.js';
import { ownRedis } from './server.acts.js';

const REFUSED_WITHIN_MS = 30_000;

/** No memory: OOM. */
export const fillRedis: Act = (world, _districtId, struck) =>
  withRedis(ownRedis(world), async (client) => {
    await client.configSet('maxmemory', '1');
    await meetsRefusal(world, client, struck).finally(() => client.configSet('maxmemory', '0'));
  });

/** It cannot save itself, as on a full disk: MISCONF. */
export const fillRedisDisk: Act = (world, _districtId, struck) =>
  withRedis(ownRedis(world), async (client) => {
    const name = 'occupied.rdb';
    const inTheWay = join(world.own.redis.folder, name);
    mkdirSync(join(inTheWay, 'by-a-folder'), { recursive: true });
    await configure(client, { dbfilename: name, save: '3600 1' });
    await client.sendCommand(['BGSAVE']);
    const hasFailed = async (): Promise<boolean> =>
      (await client.info('persistence')).includes('rdb_last_bgsave_status:err');
    await world.ground.fleet
      .until('Redis failed to save itself', hasFailed)
      .then(() => meetsRefusal(world, client, struck))
      .finally(() => configure(client, { save: '', dbfilename: 'dump.rdb' }));
    rmSync(inTheWay, { recursive: true });
  });

/** No writes, on connections that stay. */
export const refuseWrites: Act = async (world, _districtId, struck) => {
  const setReadOnly = async (value: 'on' | 'off'): Promise<void> => {
    await world.ground.rows.write(`alter system set default_transaction_read_only = ${value}`);
    await world.ground.rows.write('select pg_reload_conf()');
  };
  if (!world.ground.urls.databaseUrl.startsWith(world.own.postgres.url.replace(/[^/]*$/, '')))
    throw new Error('not our own Postgres');
  await setReadOnly('on');
  await complains(world, struck, '25006').finally(() => setReadOnly('off'));
};

/** Every write of the tables is answered with 53100, disk_full. `tables`: one, or all of a schema (`roster.*`). */
export function fillPostgres(tables: string): Act {
  return async (world, _districtId, struck) => {
    const { rows } = world.ground;
    await rows.write(`create or replace function public.disk_full() returns trigger language plpgsql as
      $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`);
    const onEach = (statement: (table: string) => string): Promise<unknown> =>
      rows.write(`do $$ declare one record; begin
        for one in select format('%I.%I', table_schema, table_name) as name from information_schema.tables
          where table_type = 'BASE TABLE' and (table_schema || '.' || table_name) like '${tables.replace('*', '%')}'
        loop execute '${statement("' || one.name || '")}'; end loop; end $$`);
    await onEach(
      (table) =>
        `create trigger disk_full before insert or update or delete on ${table} for each statement execute function public.disk_full()`,
    );
    await complains(world, struck, '53100').finally(() =>
      onEach((table) => `drop trigger disk_full on ${table}`),
    );
  };
}

/** Resolves when its service has met Postgres's error of that code. */
async function complains(world: FaultWorld, struck: Running, code: string): Promise<void> {
  const mark = world.mark();
  struck.signal('SIGCONT');
  const hasComplained = (): boolean =>
    mark
      .lines()
      .some((line) => line['service'] === struck.name && JSON.stringify(line).includes(`"${code}"`));
  await world.ground.fleet.until(`the ${struck.name} met a refusal`, hasComplained, REFUSED_WITHIN_MS);
}

async function meetsRefusal(world: FaultWorld, client: RedisClient, struck: Running): Promise<void> {
  // Inside a script it counts as ERR.
  const refusals = async (): Promise<number> => {
    const counts = (await client.info('errorstats')).matchAll(/errorstat_(?:OOM|MISCONF|ERR):count=(\d+)/g);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  const before = await refusals();
  struck.signal('SIGCONT');
  const isRefused = async (): Promise<boolean> => (await refusals()) > before + 1;
  await world.ground.fleet.until('writes were refused', isRefused, REFUSED_WITHIN_MS);
}

/** One by one: older servers take no more at once. */
async function configure(client: RedisClient, settings: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await client.configSet(name, value);
}
