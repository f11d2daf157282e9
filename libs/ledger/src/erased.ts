import type { EntityType } from '#contracts';
import type { Statements } from './ledger-connection.js';

/** Records that were erased, each as `type/hash of the record in hex`. */
export type ErasedKeys = ReadonlySet<`${EntityType}/${string}`>;

/** From the roster's own view; nobody is erased while that is not there yet. */
export async function erasedOf(statements: Statements, districtId: string): Promise<ErasedKeys> {
  const { rows: found } = await statements.query<{ there: boolean }>(
    `select to_regclass('roster.erased') is not null as there`,
  );
  if (found[0]?.there !== true) return new Set();
  const { rows } = await statements.query<{ type: EntityType; hash: string }>(
    `select entity_type as type, encode(record_hash, 'hex') as hash from roster.erased where district_id = $1`,
    [districtId],
  );
  return new Set(rows.map(({ type, hash }) => `${type}/${hash}` as const));
}
