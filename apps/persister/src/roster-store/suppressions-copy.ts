import type { RosterDatabase } from './roster-database.js';
import { SUPPRESSIONS_LOCK } from './suppressions.js';

interface Listed {
  readonly district_id: string;
  readonly entity_type: string;
  readonly record_hash: Buffer;
  readonly user_hash: Buffer;
  readonly receipt: string;
  readonly suppressed_at: Date;
  readonly forgotten_to: string;
}

const COLUMNS = 'district_id, entity_type, record_hash, user_hash, receipt, suppressed_at, forgotten_to';
const AT_ONCE = 5_000;

/**
 * Puts whom one database has on its list of the erased on that of another too. Nobody is taken off: who is on the other's
 * list only stays there.
 */
export async function copySuppressions(from: RosterDatabase, to: RosterDatabase): Promise<void> {
  const listed = await from.read<Listed>(`select ${COLUMNS} from roster.suppressions`, []);
  await to.transaction(async (statements) => {
    for (let at = 0; at < listed.length; at += AT_ONCE) {
      const rows = listed.slice(at, at + AT_ONCE);
      const column = (name: keyof Listed): unknown[] => rows.map((row) => row[name]);
      await statements.query(
        `insert into roster.suppressions as s (${COLUMNS})
         select * from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::text[], $6::timestamptz[], $7::bigint[])
         on conflict (entity_type, record_hash) do update set forgotten_to = greatest(s.forgotten_to, excluded.forgotten_to)`,
        COLUMNS.split(', ').map((name) => column(name as keyof Listed)),
      );
    }
  }, `select pg_advisory_xact_lock(${SUPPRESSIONS_LOCK})`);
}
