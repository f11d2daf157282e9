import { ENTITY_TYPES, type RunKey, type RunState } from '#contracts';
import { DistrictLedger, LedgerConnection, type Wish } from '#ledger';

export const DISTRICT = 'd-1';
export const AT = Date.UTC(2026, 2, 10, 12);
export const DIGEST = 'a'.repeat(64);
export const WISH: Wish = {
  districtId: DISTRICT,
  cause: 'asked',
  dryRun: false,
  retries: 'scheduled',
  attempt: 1,
  failures: 0,
  dueAt: AT,
};

const TABLES = [
  'wishes',
  'runs',
  'refreshes',
  'drifts',
  'districts',
  'ready_answers',
  'partitions',
  'partition_answers',
  'passed',
  'leases',
  'lifecycle_events',
];

/** A database of its own for one spec file, emptied before each case. */
export class ScratchLedger {
  readonly connection: LedgerConnection;
  /** Of its database. */
  readonly url: string;
  readonly #server: LedgerConnection;
  readonly #database: string;

  constructor(name: string) {
    const databaseUrl = process.env['DATABASE_URL'];
    if (databaseUrl === undefined) throw new Error('DATABASE_URL must be set');
    this.#database = `${name}_${process.pid}_${Date.now()}`;
    const url = new URL(databaseUrl);
    url.pathname = `/${this.#database}`;
    this.url = url.href;
    this.connection = new LedgerConnection(databaseUrl, this.#database);
    this.#server = new LedgerConnection(databaseUrl);
  }

  async empty(): Promise<void> {
    await this.connection.query(TABLES.map((table) => `delete from ledger.${table}`).join(';'));
  }

  /** Empty, but for one active district. */
  async reset(): Promise<void> {
    await this.empty();
    await this.list(null);
  }

  async list(suspended: string | null): Promise<void> {
    const districts = new DistrictLedger(this.connection);
    await districts.note([{ districtId: DISTRICT, name: 'District', readyStamp: 'S-1', suspended }]);
  }

  /** A run put straight into a state, with what such a run has. */
  async put(
    generation: number,
    state: RunState,
    changes: Readonly<Record<string, unknown>> = {},
  ): Promise<RunKey> {
    const row: Record<string, unknown> = {
      ...{
        district_id: DISTRICT,
        generation,
        state,
        cause: 'asked',
        attempt: 1,
        failures: 0,
        dry_run: false,
      },
      ...{
        retries: 'scheduled',
        epochs: { 0: 2, 1: 2 },
        refresh: [],
        plan_digest: DIGEST,
        plan: { verbs: {} },
      },
      ...{ opened_at: new Date(AT), state_at: new Date(AT) },
      ...changes,
    };
    const names = Object.keys(row);
    await this.connection.query(
      `insert into ledger.runs (${names.join(', ')}) values (${names.map((_, n) => `$${n + 1}`).join(', ')})`,
      Object.values(row),
    );
    return { districtId: DISTRICT, generation };
  }

  /** One column of the run. */
  async of<T>(run: RunKey, column: string): Promise<T> {
    const { rows } = await this.connection.query<{ found: T }>(
      `select ${column} as found from ledger.runs where district_id = $1 and generation = $2`,
      [run.districtId, run.generation],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('no such run');
    return row.found;
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.connection.query<{ count: number }>(`select count(*) from ledger.${table}`);
    return rows[0]?.count ?? 0;
  }

  async moments(): Promise<readonly string[]> {
    const { rows } = await this.connection.query<{ moment: string }>(
      'select moment from ledger.lifecycle_events order by id',
    );
    return rows.map(({ moment }) => moment);
  }

  async drop(): Promise<void> {
    await this.connection.close();
    await this.#server.query(`drop database ${this.#database}`);
    await this.#server.close();
  }
}

export const TYPES = ENTITY_TYPES;
