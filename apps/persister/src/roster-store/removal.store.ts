/*
 * Takes rows away for good, with their history: what was archived long ago, and who is to be erased. Only a row that is
 * still archived and of the generation that was looked at goes.
 */
import { ENTITY_TYPES, recordHash, type EntityType } from '#contracts';
import { columnsOf, tableOf } from './columns.js';
import type { RosterDatabase, Statements } from './roster-database.js';
import { SUPPRESSIONS_LOCK } from './suppressions.js';

export interface RemovableRow {
  readonly gg4lId: string;
  readonly partition: number;
  readonly generation: number;
}

export interface ErasedRecord extends RemovableRow {
  readonly entityType: EntityType;
  /** False if no row is active: it can be forgotten. */
  readonly active: boolean;
}

const LOCK_ALONE = `select pg_advisory_xact_lock(${SUPPRESSIONS_LOCK})`;

export class RemovalStore {
  constructor(private readonly database: RosterDatabase) {}

  async districts(): Promise<readonly string[]> {
    const rows = await this.database.read<{ district_id: string }>(
      'select distinct district_id from roster.watermarks order by 1',
      [],
    );
    return rows.map(({ district_id }) => district_id);
  }

  /** Rows of a district archived before a time, after an id, in the order of their ids. */
  async archivedBefore(
    type: EntityType,
    districtId: string,
    before: Date,
    after: string,
    limit: number,
  ): Promise<readonly RemovableRow[]> {
    const rows = await this.database.read<RowOfOne>(
      `select gg4l_id, partition, generation, false as active from ${tableOf(type)}
       where district_id = $1 and gg4l_id > $2 and archived_at < $3 order by gg4l_id limit $4`,
      [districtId, after, before, limit],
    );
    return rows.map(toRemovable);
  }

  /** `forget`: events up to the row's generation make no row again. Gives the number of rows removed. */
  remove(
    type: EntityType,
    districtId: string,
    rows: readonly RemovableRow[],
    forget = false,
  ): Promise<number> {
    const ids = rows.map(({ gg4lId }) => gg4lId);
    const generations = rows.map(({ generation }) => generation);
    return this.database.transaction(async (statements) => {
      if (forget) {
        await statements.query(LOCK_ALONE);
        const hashes = ids.map((id) => recordHash(districtId, type, id));
        await statements.query(
          `update roster.suppressions s set forgotten_to = greatest(s.forgotten_to, r.generation)
           from unnest($2::bytea[], $3::bigint[]) as r(hash, generation)
           where s.entity_type = $1 and s.record_hash = r.hash`,
          [type, hashes, generations],
        );
      }
      const { rowCount } = await statements.query(
        `delete from ${tableOf(type)} t using unnest($2::text[], $3::bigint[]) as r(gg4l_id, generation)
         where t.district_id = $1 and t.gg4l_id = r.gg4l_id collate "C" and t.generation = r.generation
           and t.archived_at is not null`,
        [districtId, ids, generations],
      );
      await statements.query(
        `delete from roster.history where district_id = $1 and entity_type = $2 and gg4l_id = any($3::text[])`,
        [districtId, type, ids],
      );
      return rowCount ?? 0;
    });
  }

  /** Puts a user and all that is theirs on the list, empties their rows and removes letters that name them. */
  suppressUser(
    districtId: string,
    userId: string,
    receipt: string,
  ): Promise<{ readonly records: readonly ErasedRecord[]; readonly letters: number }> {
    return this.database.transaction(async (statements) => {
      await statements.query(LOCK_ALONE);
      const user = recordHash(districtId, 'users', userId);
      const records = await recordsOfUser(statements, districtId, userId);
      for (const { entityType, gg4lId } of records) {
        await statements.query(
          `insert into roster.suppressions (district_id, entity_type, record_hash, user_hash, receipt)
           values ($1, $2, $3, $4, $5) on conflict do nothing`,
          [districtId, entityType, recordHash(districtId, entityType, gg4lId), user, receipt],
        );
        await statements.query(emptied(entityType), [districtId, gg4lId]);
      }
      const { rowCount } = await statements.query(
        `delete from roster.dead_letters where (district_id = $1 and gg4l_id = $2)
           or ((district_id = $1 or district_id is null) and position(convert_to($2, 'UTF8') in contents) > 0)`,
        [districtId, userId],
      );
      return { records, letters: rowCount ?? 0 };
    });
  }

  /** Takes off the list what was put there with a user; gives how many records that were. */
  release(districtId: string, userId: string): Promise<number> {
    return this.database.transaction(async (statements) => {
      await statements.query(LOCK_ALONE);
      const { rowCount } = await statements.query('delete from roster.suppressions where user_hash = $1', [
        recordHash(districtId, 'users', userId),
      ]);
      return rowCount ?? 0;
    });
  }
}

interface RowOfOne {
  readonly gg4l_id: string;
  readonly partition: number;
  readonly generation: string;
  readonly active: boolean;
}

function toRemovable({ gg4l_id, partition, generation }: RowOfOne): RemovableRow {
  return { gg4lId: gg4l_id, partition, generation: Number(generation) };
}

/** Those with a row, and the user's own in any case. */
async function recordsOfUser(
  statements: Statements,
  districtId: string,
  userId: string,
): Promise<readonly ErasedRecord[]> {
  const records: ErasedRecord[] = [];
  for (const entityType of ENTITY_TYPES) {
    const own = entityType === 'users' || entityType === 'demographics';
    if (!own && entityType !== 'enrollments') continue;
    const { rows } = await statements.query<RowOfOne>(
      `select gg4l_id, partition, generation, archived_at is null as active from ${tableOf(entityType)}
       where district_id = $1 and ${own ? 'gg4l_id' : '"user"'} = $2`,
      [districtId, userId],
    );
    records.push(...rows.map((row) => ({ ...toRemovable(row), entityType, active: row.active })));
    if (own && rows.length === 0)
      records.push({ entityType, gg4lId: userId, partition: -1, generation: -1, active: false });
  }
  return records;
}

function emptied(type: EntityType): string {
  const names = [...columnsOf(type).map(({ name }) => `"${name}"`), 'date_last_modified'];
  return `update ${tableOf(type)} set ${names.map((name) => `${name} = null`).join(', ')}
where district_id = $1 and gg4l_id = $2`;
}
