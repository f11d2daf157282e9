import type { EntityType } from '#contracts';
import type { ForgottenRow } from '#roster-consumer';
import type { Statements } from './roster-database.js';

/** Rows whose tombstone was read, with their history; of a district without an id its watermark. */
export async function takeAway(
  statements: Statements,
  entityType: EntityType,
  partition: number,
  forgotten: readonly ForgottenRow[],
): Promise<void> {
  if (forgotten.length === 0) return;
  await statements.query('select roster.take_away($1, $2, $3::text[], $4::text[], $5::bigint[])', [
    entityType,
    partition,
    forgotten.map(({ districtId }) => districtId),
    forgotten.map(({ gg4lId }) => gg4lId ?? null),
    forgotten.map(({ offset }) => offset.toString()),
  ]);
}
