/** What is done to the source, the topics and the copies, on any servers; nothing outside the namespace is touched. */
import { createClient } from 'redis';
import { topicSpecs } from '#contracts';
import { NamespaceWipe, TopicRegistry, type KafkaConnection } from '#kafka';
import { SERVICES } from '../support/ground.js';
import { PARTITIONS } from '../support/topics.js';
import type { Act, Preparation } from './fault-case.js';
import type { FaultWorld } from './fault-world.js';

const KEYS_AT_ONCE = 1_000;
const SEEN_USERS = 'users:seen:';
/**
 * All keys that begin with the first prefix are gone, and those of the second are in their place, at once: what Redis
 * comes back with, from its file or from a replica, is always what it once was, never half of it.
 */
const REPLACE_INDEX = `
local lost = redis.call('KEYS', KEYS[1] .. '*')
for _, key in ipairs(lost) do redis.call('DEL', key) end
if KEYS[2] ~= '' then
  for _, key in ipairs(redis.call('KEYS', KEYS[2] .. '*')) do
    redis.call('RENAME', key, string.sub(key, #KEYS[2] + 1))
  end
end
return #lost`;

export const loseAPosition: Preparation = (world) =>
  withRedis(world, async (client, namespace) => {
    if ((await client.del(`${namespace}:{0}:position`)) !== 1)
      throw new Error('there was no position to lose');
  });

export const loseTheIndex: Act = (world) =>
  withRedis(world, async (client, namespace) => {
    const lost = await client.eval(REPLACE_INDEX, { keys: [`${namespace}:`, ''] });
    if (lost === 0) throw new Error('there was no index to lose');
  });

/** What the snapshot under way has seen of users, in every partition. */
export const loseTheMarks = loseKeys(SEEN_USERS);
/** The same, as soon as there is something to lose. */
export const loseTheFirstMarks: Act = (world, districtId, struck) =>
  world.ground.fleet
    .until('users were marked', () =>
      withRedis(world, async (client, namespace) => {
        const keys = await keysOf(client, namespace);
        return keys.some((key) => key.includes(`:${districtId}:${SEEN_USERS}`)) || undefined;
      }),
    )
    .then(() => loseTheMarks(world, districtId, struck));
/** Who of the users is active, in every partition. */
export const loseWhoIsActive = loseKeys('users:active');
/** What is known of each user, in every partition. */
export const loseTheEntries = loseKeys('users:index');

function loseKeys(name: string): Act {
  return (world, districtId) =>
    withRedis(world, async (client, namespace) => {
      const lost = (await keysOf(client, namespace)).filter((key) => key.includes(`:${districtId}:${name}`));
      if (lost.length === 0) throw new Error(`there was no ${name} to lose`);
      await client.unlink(lost);
    });
}

/** The index as it was when it was kept. */
export function keptIndex(): { readonly keep: Preparation; readonly bringBack: Act } {
  const keptOf = (namespace: string): string => `${namespace}_kept:`;
  return {
    keep: (world) =>
      withRedis(world, async (client, namespace) => {
        const before = await keysOf(client, keptOf(namespace).slice(0, -1));
        if (before.length > 0) await client.unlink(before);
        for (const key of await keysOf(client, namespace)) await client.copy(key, keptOf(namespace) + key);
      }),
    bringBack: (world) =>
      withRedis(world, (client, namespace) =>
        client.eval(REPLACE_INDEX, { keys: [`${namespace}:`, keptOf(namespace)] }),
      ),
  };
}

/** The same, with a raw log that was made anew meanwhile and has grown beyond the kept positions. */
export function keptIndexInNewLog(): { readonly keep: Preparation; readonly bringBack: Act } {
  const kept = keptIndex();
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  let ends: readonly bigint[] = [];
  return {
    keep: async (world, districtId) => {
      const { topics } = world.ground;
      ends = await Promise.all(partitions.map((partition) => topics.end(topics.names.raw, partition)));
      await kept.keep(world, districtId);
    },
    bringBack: async (world, districtId, struck) => {
      await recreateRawLog(world, districtId);
      const { topics } = world.ground;
      for (const partition of partitions) await topics.growRaw(partition, (ends[partition] ?? 0n) + 1n);
      await kept.bringBack(world, districtId, struck);
    },
  };
}

/** The raw log begins where it ended: whatever was to be read is gone. */
export const truncateRawLog: Act = (world) =>
  withKafka(world, async (connection) => {
    const { raw } = world.ground.topics.names;
    const admin = connection.admin();
    await admin.connect();
    try {
      const offsets = await admin.fetchTopicOffsets(raw);
      const partitions = offsets.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.deleteTopicRecords({ topic: raw, partitions });
    } finally {
      await admin.disconnect();
    }
  });

export const recreateRawLog: Preparation = (world) => recreate(world, world.ground.topics.names.raw);
export const recreateReports: Act = (world) => recreate(world, world.ground.topics.names.reports);
export const recreateUsers: Act = (world) => recreate(world, world.ground.topics.names.changes.users);

async function recreate(world: FaultWorld, topic: string): Promise<void> {
  await withKafka(world, async (connection) => {
    const { namespace } = world.ground;
    await new NamespaceWipe(connection).wipe({ topics: [topic], groupPrefix: `no group of ${namespace}` });
    const registry = new TopicRegistry(connection);
    await registry.ensure(topicSpecs(namespace, PARTITIONS));
    await registry.close();
  });
}

export const spoilAChangeTopic: Preparation = async (world) => {
  await world.ground.topics.spoil(world.ground.topics.names.changes.courses, 0);
};

/** The copy in Postgres drifts. */
export const loseARow: Preparation = (world, districtId) =>
  world.ground.rows.write(
    'delete from roster.users where district_id = $1 and gg4l_id = $2',
    async (rows) => {
      const [row] = await rows.of(districtId, 'users');
      return [districtId, row?.gg4l_id];
    },
  );

export const cutConnections: Act = (world) =>
  world.ground.rows.write(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
    async () => [world.ground.namespace],
  );

export const unshareASchool: Preparation = async (world, districtId) => {
  await world.ground.sandbox.school(districtId, await aSchool(world, districtId), 'unshare');
};

export const reshareTheSchool = async (world: FaultWorld, districtId: string): Promise<void> => {
  const gone = await world.ground.sandbox.notShared(districtId, 'orgs');
  for (const { sourcedId } of gone) await world.ground.sandbox.school(districtId, sourcedId, 'reshare');
};

/** Every instance stops well and another takes its place before the next one stops. */
export const restartAllInTurn: Act = async (world, _districtId, struck) => {
  struck.signal('SIGCONT');
  for (const old of world.instances.everyone()) {
    await old.stop();
    world.instances.replace(old);
    await world.instances.ready(60_000);
  }
};

/** A third instance of each service joins and, once it has its share, stops well. */
export const comeAndGo: Act = async (world, _districtId, struck) => {
  const added = SERVICES.map((name) => world.instances.add(name));
  struck.signal('SIGCONT');
  await world.instances.ready(60_000);
  for (const one of added) await world.instances.takeAway(one);
};

async function aSchool({ ground }: FaultWorld, districtId: string): Promise<string> {
  const school = (await ground.sandbox.shared(districtId, 'orgs')).find(({ type }) => type === 'school');
  if (school === undefined) throw new Error('the district has no school');
  return school.sourcedId;
}

export type RedisClient = Awaited<ReturnType<typeof connected>>;

async function connected(url: string) {
  const client = createClient({ url });
  client.on('error', () => undefined); // the commands reject with the same
  await client.connect();
  return client;
}

export async function withRedis(
  { ground }: FaultWorld,
  use: (client: RedisClient, namespace: string) => Promise<unknown>,
): Promise<void> {
  const client = await connected(ground.urls.redisUrl);
  try {
    await use(client, ground.namespace);
  } finally {
    client.destroy();
  }
}

async function keysOf(client: RedisClient, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const some of client.scanIterator({ MATCH: `${prefix}:*`, COUNT: KEYS_AT_ONCE }))
    keys.push(...some);
  return [...new Set(keys)];
}

function withKafka(
  { ground }: FaultWorld,
  use: (connection: KafkaConnection) => Promise<void>,
): Promise<void> {
  return use(ground.topics.connection);
}
