/** The rows of a district in Postgres, and what happened to them between two looks, in the plan's own words. */
import pg from 'pg';
import { ENTITY_TYPES, type EntityType, type VerbCounts } from '#contracts';

interface Row {
  readonly archived: boolean;
  /** Another one whenever something wrote the row. */
  readonly version: string;
}

export type Rows = Readonly<Record<EntityType, ReadonlyMap<string, Row>>>;

export type Counts = Readonly<Record<EntityType, VerbCounts>>;

export const tableOf = (type: EntityType): string =>
  `roster.${type.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;

export const perType = <T>(of: (type: EntityType) => T): Record<EntityType, T> =>
  Object.fromEntries(ENTITY_TYPES.map((type) => [type, of(type)])) as Record<EntityType, T>;

export const NO_ROWS: Rows = perType(() => new Map<string, Row>());

export async function withDatabase<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // a connection lost in mid-query rejects the query
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end();
  }
}

/** xmin is the transaction that wrote the row: not even a write of equal values goes unseen. */
export async function readRows(client: pg.Client, districtId: string): Promise<Rows> {
  const rows = perType(() => new Map<string, Row>());
  for (const type of ENTITY_TYPES) {
    const found = await client.query<Row & { id: string }>(
      `select gg4l_id as id, archived_at is not null as archived,
              concat_ws('/', xmin::text, generation, log_offset, fingerprint) as version
         from ${tableOf(type)} where district_id = $1`,
      [districtId],
    );
    for (const { id, archived, version } of found.rows) rows[type].set(id, { archived, version });
  }
  return rows;
}

/** Rows that were archived and still are count nowhere; one that is gone is an error: nothing is ever removed. */
export function compareRows(before: Rows, after: Rows): Counts {
  return perType((type) => {
    const counts = { created: 0, updated: 0, restored: 0, archived: 0, unchanged: 0, quarantined: 0 };
    for (const id of before[type].keys())
      if (!after[type].has(id)) throw new Error(`a row of ${type} is gone from Postgres`);
    for (const [id, row] of after[type]) {
      const verb = verbOf(before[type].get(id), row);
      if (verb !== null) counts[verb] += 1;
    }
    return counts;
  });
}

function verbOf(before: Row | undefined, after: Row): keyof VerbCounts | null {
  if (before === undefined) return 'created';
  if (after.archived) return before.archived ? null : 'archived';
  if (before.archived) return 'restored';
  return before.version === after.version ? 'unchanged' : 'updated';
}
