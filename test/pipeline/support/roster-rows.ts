/** What Postgres holds, read with plain SQL. */
import pg from 'pg';
import type { EntityType } from '#contracts';

export interface RosterRow {
  readonly gg4l_id: string;
  readonly archived_at: string | null;
  readonly archive_cause: string | null;
  readonly first_seen_at: string;
  readonly generation: number;
  readonly [column: string]: unknown;
}

export interface DeadLetterRow {
  readonly service: string;
  readonly reason: string;
  readonly district_id: string | null;
  readonly entity_type: EntityType | null;
  readonly generation: number | null;
  readonly row_number: number | null;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly log_offset: number | null;
}

export interface HistoryRow {
  readonly verb: string;
  readonly cause: string | null;
  readonly changed: readonly string[] | null;
  readonly was_archived_at: Date | null;
  readonly changed_at: Date;
}

export class RosterRows {
  readonly #pool: pg.Pool;

  constructor(databaseUrl: string) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    this.#pool.on('error', () => undefined); // the next query opens another connection, or says what is wrong
  }

  /** By id, every column as JSON. */
  async of(districtId: string, type: EntityType): Promise<readonly RosterRow[]> {
    const { rows } = await this.#pool.query<{ row: RosterRow }>(
      `select to_jsonb(t) as row from ${tableOf(type)} t where district_id = $1 order by gg4l_id`,
      [districtId],
    );
    return rows.map(({ row }) => row);
  }

  async one(districtId: string, type: EntityType, gg4lId: string): Promise<RosterRow | null> {
    return (await this.of(districtId, type)).find((row) => row.gg4l_id === gg4lId) ?? null;
  }

  /** What the history tells of a record, first to last. */
  async historyOf(type: EntityType, gg4lId: string): Promise<readonly HistoryRow[]> {
    const { rows } = await this.#pool.query<HistoryRow>(
      `select verb, cause, changed, was_archived_at, changed_at from roster.history
       where entity_type = $1 and gg4l_id = $2 order by generation`,
      [type, gg4lId],
    );
    return rows;
  }

  async deadLetters(): Promise<readonly DeadLetterRow[]> {
    const { rows } = await this.#pool.query<{ row: DeadLetterRow }>(
      'select to_jsonb(t) as row from roster.dead_letters t order by at',
    );
    return rows.map(({ row }) => row);
  }

  /** One statement from outside, with the values that `choose` takes from what is there. */
  async write(
    statement: string,
    choose: (rows: RosterRows) => Promise<readonly unknown[]> = async () => [],
  ): Promise<void> {
    await this.#pool.query(statement, [...(await choose(this))]);
  }

  /** Holds a table against writers until `release`; `isAwaited` tells whether one waits for it. */
  async lock(type: EntityType): Promise<{ isAwaited: () => Promise<boolean>; release: () => Promise<void> }> {
    const holder = await this.#pool.connect();
    await holder.query(`begin; lock table ${tableOf(type)} in share mode`);
    return {
      isAwaited: async () => {
        const { rowCount } = await this.#pool.query(
          'select 1 from pg_locks where relation = $1::regclass and not granted',
          [tableOf(type)],
        );
        return (rowCount ?? 0) > 0;
      },
      release: async () => {
        await holder.query('rollback');
        holder.release();
      },
    };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

const tableOf = (type: EntityType): string => `roster.${toSnakeCase(type)}`;

export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
