/*
 * Takes rows away for good, with their history: what was archived long ago, who is to be erased, and districts that left.
 * Of what was archived only a row goes that still is, and of the generation that was looked at.
 */
import { recordHash, type EntityType } from '#contracts';
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

  /** Of a district, after an id, in the order of their ids; all of them, or those archived before a time. */
  async rowsAfter(
    type: EntityType,
    districtId: string,
    after: string,
    limit: number,
    archivedBefore: Date | null = null,
  ): Promise<readonly RemovableRow[]> {
    const rows = await this.database.read<RowOfOne>(
      `select gg4l_id, partition, generation from ${tableOf(type)}
       where district_id = $1 and gg4l_id > $2 and ($3::timestamptz is null or archived_at < $3)
       order by gg4l_id limit $4`,
      [districtId, after, archivedBefore, limit],
    );
    return rows.map(toRemovable);
  }

  async count(type: EntityType, districtId: string): Promise<number> {
    const [row] = await this.database.read<{ count: string }>(
      `select count(*) from ${tableOf(type)} where district_id = $1`,
      [districtId],
    );
    return Number(row?.count ?? 0);
  }

  /** What is left of a district whose records are gone: how far it was, letters, history. The list of the erased stays. */
  async removeRest(districtId: string): Promise<void> {
    await this.database.transaction(async (statements) => {
      for (const table of ['history', 'watermarks', 'dead_letters'])
        await statements.query(`delete from roster.${table} where district_id = $1`, [districtId]);
    });
  }

  /** `forget`: events up to the row's generation make no row again. Gives the number of rows removed. */
  remove(
    type: EntityType,
    districtId: string,
    rows: readonly RemovableRow[],
    { what, forget = false }: { readonly what: 'archived' | 'any'; readonly forget?: boolean },
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
         where t.district_id = $1 and t.gg4l_id = r.gg4l_id collate "C"
           and ($4 = 'any' or t.generation = r.generation and t.archived_at is not null)`,
        [districtId, ids, generations, what],
      );
      await statements.query(
        `delete from roster.history where district_id = $1 and entity_type = $2 and gg4l_id = any($3::text[])`,
        [districtId, type, ids],
      );
      return rowCount ?? 0;
    });
  }

  /**
   * Puts a user and all that is theirs on the list, empties their rows and removes letters that name them. `enrolled`:
   * ids of enrollments that are known otherwise; `others`: of those that are somebody else's by now, whatever a row
   * that is behind still says.
   */
  suppressUser(
    districtId: string,
    userId: string,
    receipt: string,
    enrolled: readonly string[],
    others: readonly string[] = [],
  ): Promise<{ readonly records: readonly ErasedRecord[]; readonly letters: number }> {
    return this.database.transaction(async (statements) => {
      await statements.query(LOCK_ALONE);
      const user = recordHash(districtId, 'users', userId);
      const records = await recordsOfUser(statements, districtId, userId, enrolled, others);
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
           or ((district_id = $1 or district_id is null) and (position(convert_to($3, 'UTF8') in contents) > 0
             or $4::text is not null and encode(contents, 'escape') ~ $4
             or topic ~ '\\.raw\\.v[0-9]+$' and position(convert_to($2, 'UTF8') in contents) > 0))`,
        [districtId, userId, JSON.stringify(userId), numberOf(userId)],
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

/** Pattern of a reference to the user in a row as the source sent it, where the id may be a number; null if it may not. */
function numberOf(userId: string): string | null {
  const isNumber = Number.isSafeInteger(Number(userId)) && String(Number(userId)) === userId;
  return isNumber ? `"sourcedId"\\s*:\\s*${userId}(?![\\d.eE])` : null;
}

interface RowOfOne {
  readonly gg4l_id: string;
  readonly partition: number;
  readonly generation: string;
}

function toRemovable({ gg4l_id, partition, generation }: RowOfOne): RemovableRow {
  return { gg4lId: gg4l_id, partition, generation: Number(generation) };
}

const OWN = 'district_id = $1 and gg4l_id = $2';
/** A row that was emptied does not say whose it was; the list does. */
const ENROLLED = `district_id = $1 and gg4l_id <> all($5::text[]) and ("user" = $2 or gg4l_id = any($3::text[]) or "user" is null
  and substring(sha256(convert_to(district_id, 'UTF8') || '\\x00'::bytea || convert_to('enrollments', 'UTF8')
    || '\\x00'::bytea || convert_to(gg4l_id, 'UTF8')) for 8)
  in (select record_hash from roster.suppressions where entity_type = 'enrollments' and user_hash = $4))`;

/** Those with a row, and in any case the user's own and what is known to be theirs. */
async function recordsOfUser(
  statements: Statements,
  districtId: string,
  userId: string,
  enrolled: readonly string[],
  others: readonly string[],
): Promise<readonly ErasedRecord[]> {
  const records: ErasedRecord[] = [];
  for (const entityType of ['users', 'demographics', 'enrollments'] as const) {
    const own = entityType !== 'enrollments';
    const user = recordHash(districtId, 'users', userId);
    const { rows } = await statements.query<RowOfOne>(
      `select gg4l_id, partition, generation from ${tableOf(entityType)} where ${own ? OWN : ENROLLED}`,
      own ? [districtId, userId] : [districtId, userId, enrolled, user, others],
    );
    records.push(...rows.map((row) => ({ ...toRemovable(row), entityType })));
    const found = new Set(rows.map(({ gg4l_id }) => gg4l_id));
    for (const gg4lId of own ? [userId] : enrolled)
      if (!found.has(gg4lId)) records.push({ entityType, gg4lId, partition: -1, generation: -1 });
  }
  return records;
}

function emptied(type: EntityType): string {
  const names = [...columnsOf(type).map(({ name }) => `"${name}"`), 'date_last_modified'];
  return `update ${tableOf(type)} set ${names.map((name) => `${name} = null`).join(', ')}
where district_id = $1 and gg4l_id = $2`;
}
