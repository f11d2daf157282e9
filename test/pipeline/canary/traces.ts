/* Everything that a namespace leaves behind: what services said, what topics hold, what tables keep, what HTTP tells. */
import pg from 'pg';
import type { Ground } from '../support/ground.js';
import { SERVICES } from '../support/ground.js';
import { PARTITIONS } from '../support/topics.js';

export interface Trace {
  readonly place: string;
  readonly text: string;
}

/** Files of the sandbox are not ours: it says its own secret. */
export function saidBy({ fleet }: Ground): readonly Trace[] {
  return fleet
    .everyone(...SERVICES)
    .map((one) => ({ place: `the output of the ${one.name}`, text: one.text() }));
}

export async function toldBy({ fleet, coordinator }: Ground): Promise<readonly Trace[]> {
  const traces: Trace[] = [];
  const look = async (url: string): Promise<void> => {
    const answer = await fetch(url);
    traces.push({
      place: new URL(url).pathname,
      text: `${JSON.stringify([...answer.headers])}${await answer.text()}`,
    });
  };
  for (const one of fleet.running(...SERVICES)) {
    for (const path of ['/metrics', '/health/ready', '/health/live', '/no-such-path'])
      await look(one.url + path);
  }
  const [running] = fleet.running('coordinator');
  if (running === undefined) throw new Error('no coordinator runs');
  await look(`${running.url}/districts`);
  for (const { districtId, generation } of await coordinator.runs()) {
    // Names of what would be archived are shown on purpose.
    const run = { ...(await coordinator.run({ districtId, generation })), stale: 'left out' };
    traces.push({ place: `run ${districtId}/${generation}`, text: JSON.stringify(run) });
  }
  return traces;
}

/** Every row of every table of a schema, but for these columns. */
export async function keptIn(
  ground: Ground,
  schema: string,
  without: readonly string[] = [],
): Promise<readonly Trace[]> {
  const client = new pg.Client({ connectionString: ground.urls.databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = $1 and table_type = 'BASE TABLE'`,
      [schema],
    );
    const traces: Trace[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(
        `select (to_jsonb(t) - $1::text[])::text as text from ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)} t`,
        [without],
      );
      traces.push({ place: `${schema}.${name}`, text: rows.map(({ text }) => text).join('\n') });
    }
    return traces;
  } finally {
    await client.end();
  }
}

export interface TopicTraces {
  readonly headersAndKeys: readonly Trace[];
  readonly values: readonly Trace[];
}

/** Every message of these topics from their start. */
export async function writtenTo(
  { topics, namespace }: Ground,
  names: readonly string[],
): Promise<TopicTraces> {
  const consumer = topics.connection.consumer({ groupId: `${namespace}.canary` });
  const left = new Map<string, bigint>();
  for (const topic of names) {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const end = await topics.end(topic, partition);
      if (end > 0n) left.set(`${topic}/${partition}`, end);
    }
  }
  const seen = { headersAndKeys: [] as Trace[], values: [] as Trace[] };
  await consumer.connect();
  await consumer.subscribe({ topics: [...names], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    if (left.size === 0) resolve();
    consumer
      .run({
        eachMessage: async ({ topic, partition, message }) => {
          const { key, value, headers, offset } = message;
          const place = `${topic}/${partition}`;
          seen.headersAndKeys.push({ place, text: `${String(key)} ${JSON.stringify(headers, textOf)}` });
          seen.values.push({ place, text: String(value) });
          if (BigInt(offset) + 1n >= (left.get(place) ?? 0n)) left.delete(place);
          if (left.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return seen;
}

function textOf(_key: string, value: unknown): unknown {
  const bytes = value as { type?: string; data?: number[] } | null;
  return bytes?.type === 'Buffer' ? Buffer.from(bytes.data ?? []).toString() : value;
}
