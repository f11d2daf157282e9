import type { EntityType } from '#contracts';
import type { RosterDatabase } from './roster-database.js';

/** Of record hashes of a type, in hex, those of which an erasure has forgotten a change: there was something. */
export async function forgottenOf(
  database: RosterDatabase,
  type: EntityType,
  hashes: readonly Buffer[],
): Promise<ReadonlySet<string>> {
  const found = await database.read<{ hash: string }>(
    `select encode(record_hash, 'hex') as hash from roster.suppressions
     where entity_type = $1 and record_hash = any($2::bytea[]) and forgotten_to > 0`,
    [type, [...hashes]],
  );
  return new Set(found.map(({ hash }) => hash));
}
