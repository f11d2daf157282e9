/*
 * Rows as they stand, for whoever compares them: in pages by primary key, each a statement of its own, so that nothing
 * is locked and nobody waits. The fingerprint is computed anew from the columns, which hold all that a canonical record
 * says: null where a row was archived before its record was ever seen.
 */
import type { EntityType } from '#contracts';
import { readRecord } from '#oneroster';
import { columnsOf, tableOf } from './columns.js';
import { digestsOf, nextDistrictOf } from './place-statements.js';
import type { RosterDatabase } from './roster-database.js';

/** What a row was written by, as Postgres has it: any write of another event makes it another. */
export interface RowVersion {
  readonly generation: string | null;
  readonly offset: string | null;
}

export interface StoredRow {
  readonly districtId: string;
  readonly gg4lId: string;
  readonly partition: number;
  readonly generation: number;
  readonly version: RowVersion;
  readonly active: boolean;
  /** As it is stored, in hex. */
  readonly fingerprint: string;
  /** Of what the columns say, in hex. */
  readonly computed: string | null;
  /** It says nothing but its key. */
  readonly isEmpty: boolean;
  /** Whose enrollment it is, where it says so. */
  readonly user: string | null;
}

export interface RowId {
  readonly districtId: string;
  readonly gg4lId: string;
}

export interface PlaceDigest {
  readonly districtId: string;
  readonly partition: number;
  readonly active: number;
  readonly xor: string;
}

type Columns = Readonly<Record<string, unknown>>;

const PAGE = 2_000;

export class RowReader {
  constructor(private readonly database: RosterDatabase) {}

  /** All rows of a type, or those of one district. */
  async *rows(type: EntityType, districtId?: string): AsyncGenerator<readonly StoredRow[]> {
    const page = `${select(type)} where (r.district_id, r.gg4l_id) > ($1, $2) and ($3::text is null or r.district_id = $3)
      order by r.district_id, r.gg4l_id limit ${PAGE}`;
    let after: RowId = { districtId: districtId ?? '', gg4lId: '' };
    for (;;) {
      const values = [after.districtId, after.gg4lId, districtId ?? null];
      const found = await this.database.read<Columns>(page, values);
      const rows = found.map((columns) => toRow(type, columns));
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = last;
    }
  }

  /** Count and xor of the active rows of each district and partition; a district at a time, as statements have their time. */
  async digests(type: EntityType, districtId?: string): Promise<readonly PlaceDigest[]> {
    if (districtId !== undefined) return this.#digestsOf(type, districtId);
    const digests: PlaceDigest[] = [];
    for (let after = ''; ;) {
      const [next] = await this.database.read<{ district_id: string }>(nextDistrictOf(type), [after]);
      if (next === undefined) return digests;
      after = next.district_id;
      digests.push(...(await this.#digestsOf(type, after)));
    }
  }

  async #digestsOf(type: EntityType, districtId: string): Promise<readonly PlaceDigest[]> {
    const found = await this.database.read<Columns>(digestsOf(type), [districtId]);
    return found.map((columns) => ({
      districtId,
      partition: Number(columns['partition']),
      active: Number(columns['active']),
      xor: String(columns['xor']),
    }));
  }

  /** Hashes in hex of the records of a type that are on the list of the erased, and to which generation each is forgotten. */
  async suppressed(type: EntityType): Promise<ReadonlyMap<string, number>> {
    const found = await this.database.read<{ hash: string; forgotten_to: string }>(
      `select encode(record_hash, 'hex') as hash, forgotten_to from roster.suppressions where entity_type = $1`,
      [type],
    );
    return new Map(found.map(({ hash, forgotten_to }) => [hash, Number(forgotten_to)]));
  }

  async some(type: EntityType, ids: readonly RowId[]): Promise<readonly StoredRow[]> {
    const found = await this.database.read<Columns>(
      `${select(type)} join unnest($1::text[], $2::text[]) as i(district_id, gg4l_id)
        on r.district_id = i.district_id collate "C" and r.gg4l_id = i.gg4l_id collate "C"`,
      [ids.map(({ districtId }) => districtId), ids.map(({ gg4lId }) => gg4lId)],
    );
    return found.map((columns) => toRow(type, columns));
  }
}

function select(type: EntityType): string {
  const attributes = columnsOf(type).map(({ name, sqlType, attribute }) =>
    sqlType === 'date' ? `r."${name}"::text as "${attribute}"` : `r."${name}" as "${attribute}"`,
  );
  return `select r.district_id as ":district", r.gg4l_id as ":id", r.partition as ":partition",
    r.generation::text as ":generation", r.log_offset::text as ":offset", r.archived_at is null as ":active",
    encode(r.fingerprint, 'hex') as ":fingerprint", ${attributes.join(', ')} from ${tableOf(type)} r`;
}

function toRow(type: EntityType, columns: Columns): StoredRow {
  const gg4lId = String(columns[':id']);
  const active = columns[':active'] === true;
  const stored = columns[':fingerprint'];
  const user = type === 'enrollments' ? columns['user'] : null;
  const attributes = Object.entries(columns).filter(([name, value]) => name[0] !== ':' && value !== null);
  return {
    districtId: String(columns[':district']),
    gg4lId,
    partition: Number(columns[':partition']),
    generation: Number(columns[':generation']),
    version: { generation: textOf(columns[':generation']), offset: textOf(columns[':offset']) },
    active,
    fingerprint: textOf(stored) ?? '',
    computed: !active && attributes.length === 0 ? null : fingerprintOfRow(type, gg4lId, attributes),
    isEmpty: attributes.length === 0,
    user: textOf(user),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function fingerprintOfRow(
  type: EntityType,
  gg4lId: string,
  attributes: readonly (readonly [string, unknown])[],
): string {
  const reading = readRecord(type, { ...Object.fromEntries(attributes), sourcedId: gg4lId });
  return reading.kind === 'record' ? reading.fingerprint.toString('hex') : '';
}
